// Serves the console's browser code from its source, without a build: the types are stripped from the TypeScript
// modules, as Node does it for the services themselves. All files are read once, at start.
import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { transformSync } from "amaro";
import type { App } from "../http/app-type.ts";

const folder = join(import.meta.dirname, "..", "browser");
const { resolve } = createRequire(import.meta.url);

/** Files of libraries, by the names under which they are served. */
const libraries = {
  "preact.js": resolve("preact"),
  "preact-hooks.js": resolve("preact/hooks"),
  "uplot.js": join(resolve("uplot"), "..", "uPlot.esm.js"),
  "uplot.css": join(resolve("uplot"), "..", "uPlot.min.css"),
} as const;

/** Import specifiers of libraries, and the assets that they become. */
const specifiers: Readonly<Record<string, keyof typeof libraries>> = {
  preact: "preact.js",
  "preact/hooks": "preact-hooks.js",
  uplot: "uplot.js",
};

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Replaces the import specifiers of libraries by absolute addresses: modules of several folders import them. */
function toBrowserModule(text: string): string {
  return text.replace(/(from\s*)"([\w/@-]+)"/g, (whole, from: string, specifier: string) => {
    const file = specifiers[specifier];
    return file === undefined ? whole : `${from}"/assets/${file}"`;
  });
}

async function readAsset(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  if (file.endsWith(".ts")) return toBrowserModule(transformSync(text, { mode: "strip-only" }).code);
  return /\.m?js$/.test(file) ? toBrowserModule(text) : text;
}

export async function registerAssetRoutes(app: App): Promise<void> {
  const ownNames = (await readdir(folder, { recursive: true })).filter(
    (name) => contentTypes[extname(name)] !== undefined,
  );
  const files = [...ownNames.map((name) => [name, join(folder, name)] as const), ...Object.entries(libraries)];
  for (const [name, file] of files) {
    const text = await readAsset(file);
    const etag = `"${hash("sha256", text, "hex").slice(0, 32)}"`;
    app.get(`/assets/${name}`, (request, reply) => {
      // Browsers revalidate at each use, and load the file again only when another version is running.
      reply.header("cache-control", "no-cache").header("etag", etag);
      if (request.headers["if-none-match"] === etag) return reply.code(304).send();
      return reply.type(contentTypes[extname(name)] ?? "text/plain").send(text);
    });
  }
}
