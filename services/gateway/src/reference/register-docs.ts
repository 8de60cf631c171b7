// Registers what documents the API: the OpenAPI document, the API reference, Swagger UI, and the way to them.
import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { registerDocument } from "./document.ts";
import { registerLanding } from "./landing.ts";
import { registerReferencePage } from "./reference-page.ts";
import { registerSwaggerUi } from "./swagger-ui.ts";

/**
 * Allows the pages their own files, styles that their scripts write, and calls to this gateway, also over plain HTTP.
 */
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

/** Documents every route that is registered from now on. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  const documents = await registerDocument(app);
  registerLanding(app);
  await app.register(async (pages) => {
    await pages.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
      // HSTS applies to the whole domain, so the proxy that terminates TLS sets it.
      strictTransportSecurity: false,
    });
    registerReferencePage(pages);
    await registerSwaggerUi(pages, documents);
  });
}
