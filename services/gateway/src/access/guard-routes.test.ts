import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { createMetrics } from "@onsale/observability/metrics";
import { fastify } from "fastify";
import { registerValidation } from "../http/validation.ts";
import { registerAccess } from "./guard-routes.ts";

function newApp() {
  const app = fastify().withTypeProvider<TypeBoxTypeProvider>();
  registerValidation(app);
  registerAccess(app, { keys: undefined, addressPolicy: undefined }, createMetrics());
  return app;
}

describe("a route", () => {
  it("without a scope keeps the gateway from starting", () => {
    assert.throws(() => newApp().get("/open", () => "secret"), { message: "GET /open does not name its scope" });
    assert.throws(() => newApp().get("/swagger-uiopen", () => "secret"), /does not name its scope/);
  });

  it("of a plugin must name its scope, too", async () => {
    const app = newApp();
    app.register(async (scope) => void scope.get("/open", () => "secret"), { prefix: "/api" });
    await assert.rejects(async () => app.ready(), { message: "GET /api/open does not name its scope" });
  });

  it("with a scope is registered", async () => {
    const app = newApp();
    for (const scope of ["any", "public", "probe", "admin"] as const) {
      app.get(`/${scope}`, { config: { scope } }, () => "ok");
    }
    const answer = await app.inject({ path: "/any", headers: { host: "localhost" } });
    assert.equal(answer.statusCode, 200);
  });
});
