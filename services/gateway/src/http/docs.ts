// The OpenAPI document, generated from the schemas that validate requests, and Swagger UI.
import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { basePath } from "@onsale/contracts/values";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { etagOfBytes, matchesEtag } from "./headers.ts";

/** The path of Swagger UI. */
export const docsPath = "/docs";

const description = `A purchase is recorded and answered at once (202), and decided in arrival order, shortly
afterwards. Poll the order, or send \`Prefer: wait=5\` with the purchase to get the decision with the answer.

Send every purchase with an \`Idempotency-Key\`. When you do not know whether a purchase was recorded, send it again
with the same key: there will be one order. Every call takes an API key, \`Authorization: Bearer onsale_...\`, with the
scope that the route names, unless the gateway runs with AUTH=off. Errors are RFC 9457 problem details; switch on their
\`code\`.`;

/** One minute: a new version of the gateway may serve another document. */
const documentCaching = "public, max-age=60";

/** Allows Swagger UI's own files and styles, and calls to this gateway, also over plain HTTP. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Onsale", version: "1", description, license: { name: "MIT", identifier: "MIT" } },
      servers: [{ url: "/" }],
      tags: [
        { name: "events", description: "Shows and their stock" },
        { name: "orders", description: "Purchases and their decisions" },
        { name: "books", description: "Sales reports and exports" },
        { name: "webhooks", description: "Notifications of decisions (Standard Webhooks)" },
        { name: "operations", description: "Health, metrics and documentation" },
      ],
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key." } } },
    },
    refResolver: {
      buildLocalReference: (schema, _baseUri, _fragment, index) =>
        typeof schema.$id === "string" ? schema.$id : `schema-${index}`,
    },
  });
  const sendDocument = createDocumentHandler(app);
  await app.register(async (pages) => {
    await pages.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
      // HSTS applies to the whole domain, so the proxy that terminates TLS sets it.
      strictTransportSecurity: false,
    });
    // Swagger UI would serialize the document for every request.
    pages.addHook("onRoute", (route) => {
      if (route.url === `${docsPath}/json`) route.handler = sendDocument;
    });
    await pages.register(swaggerUi, { routePrefix: docsPath, logLevel: "warn" });
  });

  const hidden = { schema: { hide: true }, config: { scope: "public" } } as const;
  app.get("/swagger-ui/index.html", hidden, (_request, reply) => reply.redirect(`${docsPath}/`, 302));
  for (const path of ["/openapi.json", `${basePath}/openapi.json`]) {
    app.get(path, hidden, sendDocument);
  }
}

/** The document never changes while the process runs, so it is serialized once, at its first request. */
function createDocumentHandler(app: FastifyInstance) {
  let document: Readonly<{ bytes: Buffer; etag: string }> | undefined;

  function serialize() {
    const bytes = Buffer.from(JSON.stringify(app.swagger()));
    return { bytes, etag: etagOfBytes(bytes) };
  }

  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    document ??= serialize();
    const { bytes, etag } = document;
    reply.header("etag", etag).header("cache-control", documentCaching);
    if (matchesEtag(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(bytes);
  };
}
