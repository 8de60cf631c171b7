/** A named example, as OpenAPI's Example Object has it. */
export type Example = Readonly<{ summary: string; value: unknown }>;

/** The examples of an operation: of its request body, and of each answer with a body that is no problem, by status. */
export type OperationExamples = Readonly<{
  request?: Readonly<Record<string, Example>>;
  answers: Readonly<Record<number, Readonly<Record<string, Example>>>>;
}>;

/** By `operationId`. */
export type ExamplesByOperation = Readonly<Record<string, OperationExamples>>;

/** An answer with a single example. */
export function only(summary: string, value: unknown): Readonly<Record<string, Example>> {
  return { example: { summary, value } };
}

/** One page of a list that has no other. */
export function pageOf<Item>(content: readonly Item[]) {
  return {
    content: [...content],
    number: 0,
    size: 20,
    totalElements: content.length,
    totalIsExact: true,
    totalPages: 1,
    first: true,
    last: true,
    empty: content.length === 0,
    nextCursor: null,
  };
}
