import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createClient } from "@hey-api/openapi-ts";
import openapiTS, { astToString } from "openapi-typescript";
import { atEnd } from "../../support/cleanup.ts";
import { type Api, newKey } from "../../support/http/api.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { projectFolder } from "../../support/services/services.ts";

const compiler = join(projectFolder, "node_modules", ".bin", "tsc");
const compilerOptions = {
  strict: true,
  target: "es2024",
  module: "nodenext",
  lib: ["es2024", "dom", "dom.iterable"],
  types: [],
};

/** Types that openapi-typescript made, used as a program would. Each `@ts-expect-error` is a mistake that they find. */
const usedTypes = `import type { components, operations, paths } from "./schema.js";

type Purchase = paths["/api/v1/orders/purchase"]["post"]["requestBody"]["content"]["application/json"];
type Order = operations["purchaseTickets"]["responses"][200]["content"]["application/json"];
type Problem = operations["purchaseTickets"]["responses"][409]["content"]["application/problem+json"];

export const purchase: Purchase = { eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", quantity: 2 };
// @ts-expect-error a quantity is a number
export const wrong: Purchase = { eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", quantity: "2" };
export const headers: operations["purchaseTickets"]["parameters"]["header"] = { "idempotency-key": "cart-1" };
// @ts-expect-error a purchase has a key
export const noHeaders: operations["purchaseTickets"]["parameters"]["header"] = { prefer: "wait=5" };

export function describe(answer: Order | Problem): string {
  if ("code" in answer) return answer.code + (answer.retryable ? " (try again)" : "");
  const status: "PENDING" | "WAITING" | "HELD" | "CONFIRMED" | "REJECTED" | "EXPIRED" | "CANCELLED" = answer.status;
  return status + answer.items.map((item) => item.ticketType + item.quantity.toFixed()).join();
}
export const reason = (order: components["schemas"]["Order"]): string | undefined => order.reason?.code;
`;

/** A program on the client that @hey-api/openapi-ts made: buys tickets, reads the order and prints both. */
const usedClient = `import { createClient } from "./client/index.js";
import { getOrder, purchaseTickets } from "./index.js";

export async function buy(baseUrl: string, eventCode: string, key: string) {
  const client = createClient({ baseUrl });
  const bought = await purchaseTickets({
    client,
    headers: { "idempotency-key": key, prefer: "wait=10" },
    body: { eventCode, ticketType: "STANDARD", quantity: 2 },
  });
  if (bought.data === undefined) throw new Error(JSON.stringify(bought.error));
  const id: string = bought.data.id;
  const read = await getOrder({ client, path: { id } });
  return { status: bought.data.status, isSame: read.data?.version === bought.data.version };
}
`;

describe("a client that is generated from the served document", () => {
  let api: Api;
  let folder: string;

  before(async () => {
    ({ api } = await startInstallation(postgresQueues));
    folder = mkdtempSync(join(tmpdir(), "onsale-generated-"));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  });

  function compile(...options: string[]): void {
    execFileSync(compiler, ["--project", folder, ...options], { stdio: ["ignore", "inherit", "inherit"] });
  }

  it("by openapi-typescript compiles, and finds mistakes", async () => {
    const schema = astToString(await openapiTS(new URL("/openapi.json", api.baseUrl)));
    assert.match(schema, /purchaseTickets/);
    writeFileSync(join(folder, "schema.ts"), schema);
    writeFileSync(join(folder, "used-types.ts"), usedTypes);
    compile("--noEmit");
  });

  it("by @hey-api/openapi-ts compiles, and buys tickets", async () => {
    const output = join(folder, "client");
    await createClient({ input: `${api.baseUrl}/openapi.json`, output, logs: { level: "silent" } });
    writeFileSync(join(output, "used-client.ts"), usedClient);
    compile("--outDir", join(folder, "built"));
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const { buy } = await import(join(folder, "built", "client", "used-client.js"));
    assert.deepEqual(await buy(api.baseUrl, eventCode, newKey()), { status: "CONFIRMED", isSame: true });
  });
});
