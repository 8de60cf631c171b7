// Swagger UI, and the paths that it had below /docs before.
import { readFileSync } from "node:fs";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { docsPath, swaggerUiPath } from "../http/docs-paths.ts";
import type { DocumentHandlers } from "./document.ts";
import { publicPage } from "./public-page.ts";

/** Of browser/fresh-key.js, which the page loads. */
declare function freshKey(key: string): string;

type FormRequest = { headers?: Record<string, string> };

/** Runs in the browser, where its text is sent: it can use nothing else of this file. */
function renewKey(request: FormRequest): FormRequest {
  const headers = request.headers ?? {};
  const name = Object.keys(headers).find((known) => known.toLowerCase() === "idempotency-key");
  if (name !== undefined) headers[name] = freshKey(headers[name] ?? "");
  return request;
}

export async function registerSwaggerUi(
  pages: FastifyInstance,
  { sendJson, sendYaml }: DocumentHandlers,
): Promise<void> {
  // Swagger UI would serialize the document for every request, and purchases would wait for its YAML.
  pages.addHook("onRoute", (route) => {
    if (route.url === `${swaggerUiPath}/json`) route.handler = sendJson;
    if (route.url === `${swaggerUiPath}/yaml`) route.handler = sendYaml;
  });
  const content = readFileSync(new URL("./browser/fresh-key.js", import.meta.url), "utf8");
  await pages.register(swaggerUi, {
    routePrefix: swaggerUiPath,
    logLevel: "warn",
    uiConfig: { requestInterceptor: renewKey },
    theme: { title: "Onsale · Swagger UI", js: [{ filename: "fresh-key.js", content }] },
  });

  pages.get(`${swaggerUiPath}/index.html`, publicPage, (_request, reply) => reply.redirect(`${swaggerUiPath}/`, 302));
  pages.get(`${docsPath}/yaml`, publicPage, (_request, reply) => reply.redirect(`${swaggerUiPath}/yaml`, 302));
  pages.get<{ Params: { "*": string } }>(`${docsPath}/static/*`, publicPage, (request, reply) =>
    reply.redirect(`${swaggerUiPath}/static/${encodeURI(request.params["*"])}`, 302),
  );
}
