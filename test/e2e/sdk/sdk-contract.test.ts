// Compares the published client with the OpenAPI document of a gateway: its types field by field, and every request
// that it makes.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { problemCatalogue } from "@onsale/contracts/problem";
import { rejectionReasons } from "@onsale/contracts/values";
import { problemCodes, rejectionCodes } from "../../support/sdk/described/problems.ts";
import { makeEveryCall } from "../../support/sdk/every-call.ts";
import { checkCall, describeSchema, type OpenApiDocument } from "../../support/sdk/openapi-contract.ts";
import { described } from "../../support/sdk/sdk-types.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";

describe("the published client and the OpenAPI document", () => {
  let document: OpenApiDocument;
  let baseUrl: string;
  let startDeciding: () => Promise<unknown>;

  before(async () => {
    const { api, environment } = await startInstallation(postgresQueues, {
      workers: 0,
      settings: {
        CUSTOMER_KEY: randomBytes(32).toString("base64"),
        WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
      },
    });
    baseUrl = api.baseUrl;
    startDeciding = () => startWorker(environment);
    document = JSON.parse(await (await fetch(`${baseUrl}/openapi.json`)).text());
  });

  for (const [name, expected] of Object.entries(described)) {
    it(`agree on the fields of ${name}`, () => {
      assert.deepEqual(describeSchema(document.components.schemas, document.components.schemas[name]), expected);
    });
  }

  it("know the same problem codes and reasons", () => {
    assert.deepEqual(Object.keys(problemCodes).sort(), Object.keys(problemCatalogue).sort());
    assert.deepEqual(Object.keys(rejectionCodes).sort(), Object.keys(rejectionReasons).sort());
  });

  it("agree on every request that the client makes", async () => {
    const made = new Set<string>();
    const faults: unknown[] = [];
    const checkedFetch: typeof fetch = async (url, init = {}) => {
      const response = await fetch(url, init);
      try {
        made.add(checkCall(document, new URL(String(url)), init, response));
      } catch (fault) {
        // Not thrown, because the client would take it for a broken connection.
        faults.push(fault);
      }
      return response;
    };
    await makeEveryCall({ baseUrl, apiKey: "unused", fetch: checkedFetch }, startDeciding);
    assert.deepEqual(faults, []);
    assert.deepEqual([...made].sort(), [
      "DELETE /api/v1/customers/{customerRef}",
      "DELETE /api/v1/events/{code}/access-codes/{id}",
      "DELETE /api/v1/webhooks/{id}",
      "GET /api/v1/events",
      "GET /api/v1/events/{code}",
      "GET /api/v1/events/{code}/access-codes",
      "GET /api/v1/events/{code}/cancellation",
      "GET /api/v1/events/{code}/changes",
      "GET /api/v1/events/{code}/orders.ndjson",
      "GET /api/v1/events/{code}/sales",
      "GET /api/v1/events/{code}/stream",
      "GET /api/v1/inventory/{eventCode}",
      "GET /api/v1/orders",
      "GET /api/v1/orders/{id}",
      "GET /api/v1/orders/{id}/history",
      "GET /api/v1/orders/{id}/stream",
      "GET /api/v1/webhooks",
      "GET /api/v1/webhooks/{id}",
      "GET /api/v1/webhooks/{id}/deliveries",
      "PATCH /api/v1/events/{code}",
      "PATCH /api/v1/webhooks/{id}",
      "POST /api/v1/events",
      "POST /api/v1/events/{code}/access-codes",
      "POST /api/v1/events/{code}/cancel",
      "POST /api/v1/inventory/{eventCode}/move",
      "POST /api/v1/orders/purchase",
      "POST /api/v1/orders/{id}/cancel",
      "POST /api/v1/orders/{id}/confirm",
      "POST /api/v1/orders/{id}/extend",
      "POST /api/v1/webhooks",
      "POST /api/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver",
      "POST /api/v1/webhooks/{id}/ping",
      "POST /api/v1/webhooks/{id}/redeliver",
      "POST /api/v1/webhooks/{id}/rotate-secret",
      "PUT /api/v1/inventory/{eventCode}/{ticketType}",
    ]);
  });
});
