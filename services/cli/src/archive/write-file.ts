// Writes an archive in constant memory: page after page, each read in a transaction of its own. It is complete on disk
// before it has its name.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Db } from "@onsale/database/client";
import {
  type ArchiveLine,
  readEventLine,
  readLedgerLines,
  readOrderLines,
  readStockLines,
} from "@onsale/database/statements/archives/read-archive-lines";
import { type ArchiveFacts, readArchiveFacts } from "@onsale/database/statements/archives/read-archive-state";
import { CommandError } from "../output/failure.ts";
import { whyOf } from "../output/text.ts";
import { createRest } from "./rest.ts";

const pageSize = 1_000;

/** @throws CommandError when the file cannot be written */
export async function writeArchiveFile(
  db: Db,
  eventId: number,
  file: string,
  onPage: (orderCount: number, facts: ArchiveFacts) => void,
): Promise<void> {
  // A run that was killed may have left one, which is written anew.
  const aside = `${file}.part`;
  const lines = Readable.from(pagesOf(db, eventId, onPage));
  try {
    await pipeline(lines, createGzip(), createWriteStream(aside, { mode: 0o600 }));
    await toDisk(aside);
    await rename(aside, file);
    await toDisk(dirname(file));
  } catch (error) {
    const isOfSystem = error instanceof Error && "syscall" in error && "path" in error;
    throw isOfSystem ? new CommandError(`${file} cannot be written: ${whyOf(error)}`) : error;
  }
}

async function toDisk(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* pagesOf(
  db: Db,
  eventId: number,
  onPage: (orderCount: number, facts: ArchiveFacts) => void,
): AsyncGenerator<string, void, void> {
  const hash = createHash("sha256");
  const rest = createRest();
  let lineCount = 0;
  const toText = (lines: readonly string[]): string => {
    const text = lines.map((line) => `${line}\n`).join("");
    hash.update(text);
    lineCount += lines.length;
    return text;
  };
  const facts = await readArchiveFacts(db, eventId);
  yield toText([await readEventLine(db, eventId)]);
  let orderCount = 0;
  for (const read of [readLedgerLines, readOrderLines]) {
    for (let place = 0; ; ) {
      const page: readonly ArchiveLine[] = await read(db, eventId, place, pageSize);
      const last = page.at(-1);
      if (last === undefined) break;
      place = last.place;
      yield toText(page.map(({ line }) => line));
      if (read === readOrderLines) {
        orderCount += page.length;
        onPage(orderCount, facts);
      }
      await rest();
    }
  }
  yield toText(await readStockLines(db, eventId));
  yield `${JSON.stringify({ kind: "manifest", lineCount, facts, sha256: hash.digest("hex") })}\n`;
}
