import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { basePath } from "@onsale/contracts/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { etagOfBytes, matchesEtag } from "./headers.ts";

/** Where Swagger UI is. */
export const docsPath = "/docs";

const description = `Buy tickets without waiting in line for a database row: a purchase is recorded and answered at once
(202), and decided in arrival order within moments. Poll the order, or send \`Prefer: wait=5\` with the purchase.

Send every purchase with an \`Idempotency-Key\`, and again with the same key whenever you are not sure that it arrived:
there will be one order. Calls take an API key, \`Authorization: Bearer onsale_...\`, with the scope that each names; only
a gateway that was started with AUTH=off takes calls without. Errors are RFC 9457 problem details; switch on their \`code\`.`;

/** For a minute nobody need ask again: another version of the gateway may be there then. */
const documentCaching = "public, max-age=60";

/** Swagger UI's own files and styles, and calls to this gateway; also over plain HTTP. */
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

/** Serves the OpenAPI document, made from the schemas that validate, and Swagger UI. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Onsale", version: "1", description, license: { name: "MIT", identifier: "MIT" } },
      servers: [{ url: "/" }],
      tags: [
        { name: "events", description: "Shows and their stock" },
        { name: "orders", description: "Purchases and what became of them" },
        { name: "webhooks", description: "Being told what became of orders (Standard Webhooks)" },
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
      // It holds for a whole domain, so whoever brings TLS to it decides.
      strictTransportSecurity: false,
    });
    // Swagger UI would make the document's text anew for each request.
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

/** The document is the same for everybody and for as long as the process lives: its text is made once. */
function createDocumentHandler(app: FastifyInstance) {
  let made: Readonly<{ bytes: Buffer; etag: string }> | undefined;

  function make() {
    const bytes = Buffer.from(JSON.stringify(app.swagger()));
    return { bytes, etag: etagOfBytes(bytes) };
  }

  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    made ??= make();
    const { bytes, etag } = made;
    reply.header("etag", etag).header("cache-control", documentCaching);
    if (matchesEtag(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(bytes);
  };
}
