// The root of a gateway: it leads people to the API reference, and programs that ask for JSON to its links.
import { basePath } from "@onsale/contracts/values";
import type { FastifyInstance } from "fastify";
import { docsPath, swaggerUiPath } from "../http/docs-paths.ts";
import { publicPage } from "./public-page.ts";

const links = {
  name: "Onsale",
  links: {
    reference: docsPath,
    openapi: "/openapi.json",
    swaggerUi: `${swaggerUiPath}/`,
    api: basePath,
    health: "/readyz",
  },
};

export function registerLanding(app: FastifyInstance): void {
  app.get("/", publicPage, (request, reply) => {
    reply.header("vary", "accept");
    const { accept = "" } = request.headers;
    const wantsJson = accept.includes("application/json") && !accept.includes("text/html");
    return wantsJson ? reply.send(links) : reply.redirect(docsPath, 302);
  });
}
