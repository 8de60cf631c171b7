// Reads an answer while it arrives.
import type { Call } from "./client.ts";

/**
 * A reader of the bytes of an answer.
 *
 * @throws TypeError when the `fetch` that gave the answer has no streams, as in React Native or node-fetch
 */
export function readerOf(
  response: Response,
  { path }: Pick<Call, "path">,
): ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> {
  const { body } = response;
  // Without streams it is null, undefined or another kind of stream, whatever its type says.
  if (typeof body?.getReader === "function") return body.getReader();
  throw new TypeError(
    `GET ${path} is a stream, and this fetch gives answers without streams (response.body.getReader). ` +
      "Pass a fetch that has them as the client's `fetch`. purchase, getOrder and getInventory need no streams",
  );
}
