import { pageSizeMax } from "@onsale/contracts/values";
import { about, count } from "../output/text.ts";
import type { Answer, AnswerName } from "./answers.ts";
import { type Api, type Call, call, unexpectedAnswer } from "./call.ts";

/** The newest items of a list, and how many items it has in all, exactly or about. */
export type Listed<Item> = Readonly<{ items: readonly Item[]; total: number; totalIsExact: boolean }>;

/**
 * Reads the newest items of a list, up to `limit`, one page after the other.
 *
 * @throws as `call` does
 */
export async function list<Name extends AnswerName>(
  api: Api,
  { path, query = {} }: Omit<Call, "method" | "body">,
  itemName: Name,
  limit: number,
): Promise<Listed<Answer<Name>>> {
  const { isAnswer } = await import("./answers.ts");
  const isItem = (value: unknown) => isAnswer(itemName, value);
  const items: Answer<Name>[] = [];
  const size = String(Math.min(limit, pageSizeMax));
  for (let cursor: string | undefined; ; ) {
    const page = await call(api, { method: "GET", path, query: { ...query, size, cursor } }, "Page");
    if (!page.content.every(isItem)) throw unexpectedAnswer(`GET ${path}`, 200);
    items.push(...page.content.slice(0, limit - items.length));
    if (page.nextCursor === null || items.length >= limit) {
      const { totalElements: total, totalIsExact = true } = page;
      return { items, total, totalIsExact };
    }
    cursor = page.nextCursor;
  }
}

/** The line below a list that has more items than are shown; empty for a complete list. */
export function moreOf({ items, total, totalIsExact }: Listed<unknown>): string {
  const all = totalIsExact ? count(total) : about(total);
  return total > items.length ? `\n${count(items.length)} of ${all}; --limit shows more` : "";
}
