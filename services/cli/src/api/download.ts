// An answer that is too long for memory, as it arrives.
import { NetworkError } from "@onsale/client";
import { type Api, type Call, readText, refusalOf, requestOf } from "./call.ts";

/**
 * Yields the text of an answer.
 *
 * @throws ProblemError; NetworkError also when the answer ends before it is complete; the reason of `stop`
 */
export async function* download(api: Api, request: Call): AsyncGenerator<string, void, void> {
  const { url, init } = requestOf(api, request);
  try {
    const response = await fetch(url, { ...init, signal: api.stop });
    if (!response.ok) throw await refusalOf(request, await readText(response));
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) yield decoder.decode(bytes, { stream: true });
  } catch (cause) {
    api.stop.throwIfAborted();
    if (!(cause instanceof TypeError)) throw cause;
    throw new NetworkError(`${request.method} ${url.pathname} failed on the way`, { cause });
  }
}
