// Serves the page and the SDK from their sources, without a build: the types are stripped from the TypeScript modules.
// All files are read once, at start.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "amaro";
import type { Answer } from "../http.ts";

const pageFolder = join(import.meta.dirname, "..", "page");
const sdkEntry = fileURLToPath(import.meta.resolve("@onsale/client"));

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ts": "text/javascript; charset=utf-8",
};

type File = Readonly<{ bytes: Uint8Array; type: string; etag: string }>;

export type PageFiles = Readonly<{
  page: () => Answer;
  /** @param path below `/assets` */
  asset: (path: string, ifNoneMatch: string | undefined) => Answer;
}>;

/** @param eventCode of the event that the page sells */
export async function readPageFiles(eventCode: string): Promise<PageFiles> {
  const folders = [readFolder(pageFolder, "page", eventCode), readFolder(dirname(sdkEntry), "sdk", eventCode)];
  const files = new Map((await Promise.all(folders)).flat());
  return {
    page: () => {
      const file = files.get("page/index.html");
      return file === undefined ? { status: 404 } : send(file, "no-store");
    },
    asset: (path, ifNoneMatch) => {
      const file = files.get(path);
      if (file === undefined) return { status: 404 };
      if (ifNoneMatch === file.etag) return { status: 304, headers: { etag: file.etag } };
      // Browsers ask at each use whether it has changed.
      return send(file, "no-cache");
    },
  };
}

function send({ bytes, type, etag }: File, cacheControl: string): Answer {
  return { status: 200, bytes, headers: { "content-type": type, "cache-control": cacheControl, etag } };
}

async function readFolder(folder: string, prefix: string, eventCode: string): Promise<[string, File][]> {
  const names = await readdir(folder, { recursive: true });
  const served = names.filter((name) => types[extname(name)] !== undefined && !/\.(d|test)\.ts$/.test(name));
  return Promise.all(
    served.map(async (name): Promise<[string, File]> => {
      const bytes = Buffer.from(toServed(name, await readFile(join(folder, name), "utf8"), eventCode));
      const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
      return [`${prefix}/${name}`, { bytes, type: types[extname(name)] ?? "text/plain", etag }];
    }),
  );
}

/** Strips the types of TypeScript, and says where the SDK is (a browser does not know packages) and what is sold. */
function toServed(name: string, text: string, eventCode: string): string {
  if (name.endsWith(".html")) return text.replaceAll("{{event-code}}", eventCode);
  const script = name.endsWith(".ts") ? transformSync(text, { mode: "strip-only" }).code : text;
  return script.replaceAll('from "@onsale/client"', `from "/assets/sdk/${basename(sdkEntry)}"`);
}
