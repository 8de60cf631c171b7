// Lists that the API answers in pages.

import { isPageOf } from "../wire/page.ts";
import type { Shape } from "../wire/shape.ts";
import type { Call, CallOptions, Client } from "./client.ts";
import { sendForJson } from "./request.ts";

/** The options of a list. */
export type PageOptions = CallOptions &
  Readonly<{
    /** Items per request, 1 to 100; the server's default is 20. */
    size?: number | undefined;
  }>;

/**
 * Yields the items of a list. Each page is requested when the loop gets to it, with the cursor of the page before.
 *
 * @throws as `sendForJson` does, from the iteration
 */
export async function* readPages<Item>(
  client: Client,
  { path, query }: Pick<Call, "path" | "query">,
  isItem: Shape<Item>,
  { size, signal }: PageOptions,
): AsyncGenerator<Item, void, void> {
  const isPage = isPageOf(isItem);
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const asked = { ...query, size: size === undefined ? undefined : String(size), cursor };
    const page = await sendForJson(client, { method: "GET", path, query: asked }, isPage, signal);
    yield* page.content;
    cursor = page.nextCursor;
  }
}
