// The API reference: a page of Scalar in Onsale's colours, with files of this gateway only.
import { readFileSync } from "node:fs";
import { createGunzip, type Gunzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { docsPath, swaggerUiPath } from "../http/docs-paths.ts";
import { publicPage } from "./public-page.ts";
import { onceLoaded, runThread } from "./thread.ts";

/** One minute: a new version of the gateway may serve other files. */
const caching = "public, max-age=60";

const types = { css: "text/css", js: "text/javascript", svg: "image/svg+xml" } as const;
const files = { "reference.css": "css", "fresh-key.js": "js", "reference.js": "js", "icon.svg": "svg" } as const;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Onsale · API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${docsPath}/icon.svg">
<link rel="stylesheet" href="${docsPath}/reference.css">
</head>
<body>
<nav class="brand" aria-label="Onsale">
<a class="brand-name" href="${docsPath}"><img src="${docsPath}/icon.svg" alt="" width="28" height="28">Onsale</a>
<span class="brand-title">API reference</span>
<span class="brand-links">
<a href="${swaggerUiPath}/">Swagger UI</a>
<a href="/openapi.json">OpenAPI</a>
</span>
</nav>
<div id="reference"><p class="brand-note">Loading the API reference …</p></div>
<noscript><p class="brand-note">The reference needs JavaScript. The <a href="/openapi.json">OpenAPI document</a> does not.</p></noscript>
<script src="${docsPath}/scalar.js"></script>
<script src="${docsPath}/fresh-key.js"></script>
<script src="${docsPath}/reference.js"></script>
</body>
</html>
`;

export function registerReferencePage(pages: FastifyInstance): void {
  for (const path of [docsPath, `${docsPath}/`]) {
    pages.get(path, publicPage, (_request, reply) => reply.type("text/html; charset=utf-8").send(page));
  }
  for (const [name, kind] of Object.entries(files)) {
    const content = readFileSync(new URL(`./browser/${name}`, import.meta.url), "utf8");
    pages.get(`${docsPath}/${name}`, publicPage, (_request, reply) =>
      reply.type(`${types[kind]}; charset=utf-8`).header("cache-control", caching).send(content),
    );
  }
  // It has 5 MB, so it is loaded and compressed when the page is first asked for, while purchases go on.
  const scalarScript = onceLoaded(() => runThread(new URL("./scalar-worker.ts", import.meta.url)));
  pages.get(`${docsPath}/scalar.js`, publicPage, async (request, reply) => {
    const script = await scalarScript();
    reply.type(`${types.js}; charset=utf-8`).header("cache-control", caching).header("vary", "accept-encoding");
    return sendCompressed(script, request, reply);
  });
}

/** Sends bytes that are compressed with gzip, decompressed for a client that does not take them as they are. */
function sendCompressed(bytes: Buffer, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (/\bgzip\b/.test(headers["accept-encoding"] ?? "")) return reply.header("content-encoding", "gzip").send(bytes);
  const text: Gunzip = createGunzip();
  text.end(bytes);
  return reply.send(text);
}
