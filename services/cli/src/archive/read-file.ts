// Reads an archive line by line, and checks that it is whole.
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import { CommandError } from "../output/failure.ts";
import { whyOf } from "../output/text.ts";
import { type ArchiveLine, type Manifest, parseLine } from "./lines.ts";

/**
 * Passes every line to `onLine`, the manifest excepted.
 *
 * @throws CommandError when the file cannot be read, or is not a whole archive
 */
export async function readArchiveFile(
  file: string,
  onLine: (line: ArchiveLine) => Promise<void> | void,
): Promise<Manifest> {
  if (!existsSync(file)) throw new CommandError(`There is no file ${file}.`, "Name the file that the orders are in.");
  const hash = createHash("sha256");
  let lineCount = 0;
  let manifest: Manifest | undefined;
  try {
    await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const text of linesOf(chunks)) {
        const line = parseLine(text);
        if (line === undefined || manifest !== undefined) throw damaged(file, `line ${lineCount + 1} is not one`);
        if (line.kind === "manifest") {
          manifest = line;
          continue;
        }
        lineCount++;
        hash.update(`${text}\n`);
        await onLine(line);
      }
    });
  } catch (error) {
    throw error instanceof CommandError ? error : damaged(file, whyOf(error));
  }
  if (manifest === undefined) throw damaged(file, "it has no end");
  if (manifest.lineCount !== lineCount || manifest.sha256 !== hash.digest("hex")) {
    throw damaged(file, "its digest is another one");
  }
  return manifest;
}

function damaged(file: string, why: string): CommandError {
  return new CommandError(`${file} is not a whole archive: ${why}.`, "Use a copy of it from a backup.");
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
