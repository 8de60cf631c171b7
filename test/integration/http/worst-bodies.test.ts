import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { createTestDatabase } from "../../support/database/database.ts";
import { newKey, readMetric } from "../../support/http/api.ts";
import { type BodySchema, worstBodies } from "../../support/http/worst-bodies.ts";
import { type Service, startGateway } from "../../support/services/services.ts";

type Operation = Readonly<{ requestBody?: Readonly<{ content: Readonly<Record<string, { schema: BodySchema }>> }> }>;
type Document = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{ schemas: Readonly<Record<string, BodySchema>> }>;
}>;

const repetitions = 2;
/** The worst bodies take up to 4 times as much as the harmless one, 1.3 ms. Without a bound some took 200 times. */
const ratioMax = 20;
/** Bodies that are measured together first. */
const groupSize = 6;

describe("a body of 16 KiB", () => {
  let gateway: Service;
  let document: Document;

  before(async () => {
    const webhookKey = randomBytes(32).toString("base64");
    const environment = { DATABASE_URL: await createTestDatabase(), WEBHOOK_SECRET_KEY: webhookKey };
    gateway = await startGateway({ ...environment, LOG_LEVEL: "error" });
    document = JSON.parse(await (await fetch(`${gateway.url}/openapi.json`)).text());
  });

  const cpuSeconds = () => readMetric(`${gateway.url}/metrics`, "process_cpu_seconds_total");

  let usedSeconds = 0;

  /** The gateway's processor time since the last call, in ms for each time that the bodies are sent. */
  async function measure(method: string, path: string, ...bodies: string[]): Promise<number> {
    const headers = { "content-type": "application/json", "idempotency-key": newKey() };
    for (let time = 0; time < repetitions; time++) {
      for (const body of bodies) {
        const response = await fetch(gateway.url + path, { method, headers, body });
        const answer = await response.text();
        assert(response.status < 500, `${response.status} ${answer}`);
      }
    }
    const secondsBefore = usedSeconds;
    usedSeconds = await cpuSeconds();
    return (usedSeconds - secondsBefore) * (1_000 / repetitions);
  }

  const operations = () =>
    Object.entries(document.paths).flatMap(([pattern, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) => {
        const schema = requestBody?.content["application/json"]?.schema;
        if (schema === undefined) return [];
        const name = schema.$ref?.split("/").at(-1) ?? "";
        const path = pattern.replaceAll(/\{\w+\}/g, "NONE");
        return [{ method: method.toUpperCase(), path, schema: document.components.schemas[name] ?? schema }];
      }),
    );

  /** Measures one body; the compiler or the garbage collector may fall into a measurement, but not into five. */
  async function assertCheap(method: string, path: string, name: string, body: string, usualMs: number): Promise<void> {
    let ratio = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 5 && ratio >= ratioMax; attempt++) {
      ratio = (await measure(method, path, body)) / usualMs;
    }
    assert(ratio < ratioMax, `${method} ${path} with ${name}: ${ratio.toFixed(1)} times`);
  }

  it("costs hardly more than a harmless one, on each route and whatever it contains", async () => {
    const harmless = JSON.stringify({ unknown: "x".repeat(15_000) });
    assert(operations().length >= 6);
    for (const { method, path, schema } of operations()) {
      await measure(method, path, harmless);
      const usualMs = Math.max(0.3, await measure(method, path, harmless));
      const bodies = worstBodies(schema);
      for (let first = 0; first < bodies.length; first += groupSize) {
        const group = bodies.slice(first, first + groupSize);
        // Together they cost more than each of them does, and one measurement costs more than several bodies.
        const ratio = (await measure(method, path, ...group.map(([, body]) => body))) / usualMs;
        if (ratio < ratioMax) continue;
        for (const [name, body] of group) await assertCheap(method, path, name, body, usualMs);
      }
    }
  });
});
