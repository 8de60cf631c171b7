// Bull Board only shows the queues: every other request of its API is refused, also that of a later version of it.
import { strict as assert } from "node:assert";
import { createRequire } from "node:module";
import { before, describe, it } from "node:test";
import { allowedRoutes, refusal } from "@onsale/admin/queues/allowed-routes";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { openQueue, queueSourceOf } from "../../support/services/queue-source.ts";

type Route = Readonly<{ method: string | readonly string[]; route: string | readonly string[] }>;

/** Bull Board's own route table, from its package. */
function readRouteTable(): string[] {
  const load = createRequire(new URL("../../../services/admin/package.json", import.meta.url));
  const { appRoutes }: { appRoutes: { api: readonly Route[] } } = load("@bull-board/api/dist/routes.js");
  return appRoutes.api.flatMap(({ method, route }) =>
    [method].flat().flatMap((verb) => [route].flat().map((path) => `${verb} ${path}`)),
  );
}

const table = readRouteTable();

describe("Bull Board's API", () => {
  let admin: AdminClient;
  let jobId: string;

  before(async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    admin = await logIn((await startAdminService(environment)).url);
    const queue = await openQueue(queueSourceOf(environment), "deliver");
    jobId = (await queue.add("mail", {}, { delay: 3_600_000 })).id ?? "";
  });

  const send = (route: string) => {
    const [method = "", path = ""] = route.split(" ");
    const parameters = { queueName: "deliver", jobId, queueStatus: "failed", schedulerId: "one" };
    const filled = path.replaceAll(/:(\w+)/g, (_, name: keyof typeof parameters) => parameters[name] ?? name);
    return admin.send(method.toUpperCase(), `/queues${filled}`, undefined, method === "get" ? undefined : "{}");
  };

  it("has the routes that were looked at: a new one fails here, and is refused until it is allowed", () => {
    const refused = table.filter((route) => !allowedRoutes.has(route));
    assert.deepEqual(
      [...allowedRoutes].filter((route) => !table.includes(route)),
      [],
    );
    assert.deepEqual(
      refused.filter((route) => route.startsWith("get ")),
      ["get /api/redis/stats"],
    );
    assert.equal(table.length, 34);
  });

  for (const route of table) {
    it(`${allowedRoutes.has(route) ? "answers" : "refuses"} ${route}`, async () => {
      const { status, text } = await send(route);
      if (allowedRoutes.has(route)) assert.equal(status, 200, text);
      else assert.deepEqual([status, JSON.parse(text).message], [403, refusal]);
    });
  }

  it("has changed nothing", async () => {
    const { queues } = await admin.get<{ queues: { name: string; isPaused: boolean; counts: { delayed: number } }[] }>(
      "/queues/api/queues",
    );
    const deliver = queues.find(({ name }) => name === "deliver");
    assert.deepEqual([deliver?.isPaused, deliver?.counts.delayed], [false, 1]);
  });
});
