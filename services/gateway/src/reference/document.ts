// The OpenAPI document, generated from the schemas that validate requests.
import swagger from "@fastify/swagger";
import { basePath } from "@onsale/contracts/values";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { docsPath } from "../http/docs-paths.ts";
import { etagOfBytes, matchesEtag } from "../http/headers.ts";
import { completeDocument } from "./complete-document.ts";
import { bookOperations } from "./examples/books.ts";
import { eventOperations } from "./examples/events.ts";
import { orderOperations } from "./examples/orders.ts";
import { webhookOperations } from "./examples/webhooks.ts";
import { introduction, tags } from "./introduction.ts";
import { onceLoaded, runThread } from "./thread.ts";
import { webhooks } from "./webhook-operations.ts";

/** One minute: a new version of the gateway may serve another document. */
const documentCaching = "public, max-age=60";

const examples = { ...orderOperations, ...eventOperations, ...bookOperations, ...webhookOperations };

/** Answers the document. */
export type SendDocument = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export type DocumentHandlers = Readonly<{ sendJson: SendDocument; sendYaml: SendDocument }>;

/** Documents every route that is registered from now on, and serves the document. */
export async function registerDocument(app: FastifyInstance): Promise<DocumentHandlers> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Onsale",
        version: "1",
        summary: "A purchase pipeline for high-demand ticket sales",
        description: introduction,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/", description: "This gateway" }],
      tags,
      components: {
        securitySchemes: {
          apiKey: {
            type: "http",
            scheme: "bearer",
            description: "An API key, `onsale_...`. Each operation names the scope that it takes.",
          },
        },
      },
    },
    refResolver: {
      buildLocalReference: (schema, _baseUri, _fragment, index) =>
        typeof schema.$id === "string" ? schema.$id : `schema-${index}`,
    },
    transformObject: (given) => {
      if (!("openapiObject" in given)) return given.swaggerObject;
      return completeDocument(JSON.parse(JSON.stringify(given.openapiObject)), examples, webhooks);
    },
  });
  const toBytes = onceLoaded(async () => Buffer.from(JSON.stringify(app.swagger())));
  const sendJson = createDocumentHandler("application/json; charset=utf-8", toBytes);
  const yamlWorker = new URL("./yaml-worker.ts", import.meta.url);
  const sendYaml = createDocumentHandler("application/x-yaml", async () => {
    return runThread(yamlWorker, (await toBytes()).toString());
  });
  for (const path of ["/openapi.json", `${basePath}/openapi.json`, `${docsPath}/json`]) {
    app.get(path, { schema: { hide: true }, config: { scope: "public" } }, sendJson);
  }
  return { sendJson, sendYaml };
}

/** The document never changes while the process runs, so it is written once, at its first request. */
function createDocumentHandler(type: string, write: () => Promise<Buffer>): SendDocument {
  const read = onceLoaded(async () => {
    const bytes = await write();
    return { bytes, etag: etagOfBytes(bytes) };
  });

  return async (request, reply) => {
    const { bytes, etag } = await read();
    reply.header("etag", etag).header("cache-control", documentCaching);
    if (matchesEtag(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.type(type).send(bytes);
  };
}
