import { createGrouper } from "./grouper.ts";

export type GroupedReadOptions<Question, Answer> = Readonly<{
  /** Queries on their way at a time; they leave connections to the other routes. */
  slotCount: number;
  groupCountMax: number;
  /** Asks for all at once, and returns how to find each one's answer. */
  readAll: (questions: readonly Question[]) => Promise<(question: Question) => Answer>;
}>;

type Asked<Question, Answer> = Readonly<{
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}>;

/** A read for one that shares a query with all who ask in the same moment. It rejects with the error of the query. */
export function createGroupedRead<Question, Answer>(
  options: GroupedReadOptions<Question, Answer>,
): (question: Question) => Promise<Answer> {
  const { slotCount, groupCountMax, readAll } = options;

  async function serve(group: readonly Asked<Question, Answer>[]): Promise<void> {
    try {
      const answerOf = await readAll(group.map(({ question }) => question));
      for (const { question, resolve } of group) resolve(answerOf(question));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  const grouper = createGrouper<Asked<Question, Answer>>({ slotCount, groupCountMax, serve });
  return (question) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    grouper.add({ question, resolve, reject });
    return promise;
  };
}
