// Reads exports as slowly as a test wants.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { atEnd } from "../cleanup.ts";

/** An export whose answer has begun, and of which nothing is read yet. */
export async function openExport(url: string, apiKey?: string): Promise<IncomingMessage> {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const request = get(url, { headers, agent: false });
  atEnd(async () => void request.destroy());
  const [response] = await once(request, "response");
  assert(response instanceof Object && "statusCode" in response);
  // An error of a connection that is cut later is seen by whoever reads.
  request.on("error", () => undefined);
  return response as IncomingMessage;
}

/** The whole text of an export; fails when it ends before it is complete. */
export async function readExport(url: string) {
  const response = await openExport(url);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return {
    status: response.statusCode,
    headers: response.headers,
    trailers: response.trailers,
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

/** The records of a CSV file by the names of their columns (RFC 4180). */
export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  const [columns = [], ...records] = rows;
  return records.map((cells) => Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ""])));
}
