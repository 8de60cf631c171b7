import { strict as assert } from "node:assert";
import { it } from "node:test";
import { startOwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { startRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { withoutRedisServer } from "../../support/services/backends.ts";
import { startProgram } from "../../support/services/program.ts";
import { usualSettings } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

type LogLine = Readonly<{ level: number; msg: string; fault?: string; part?: string; code?: string; err?: unknown }>;

const info = 30;
const error = 50;

it("the log of a gateway has one sentence for each outage, and no error for a limit", {
  skip: withoutRedisServer,
}, async () => {
  const [postgres, redis] = await Promise.all([startOwnPostgres(), startRedis()]);
  const settings = { LOG_LEVEL: "info", WAITERS_MAX: "0", DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  const { output } = startProgram("services/gateway/src/main.ts", [], { ...usualSettings, ...settings });
  const lines = (): LogLine[] =>
    output()
      .stdout.split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const untilLogged = (what: string, matches: (line: LogLine) => boolean) =>
    until(what, () => lines().find(matches) ?? null, 20_000);
  const faultOf = (what: string, matches: (line: LogLine) => boolean) =>
    untilLogged(what, (line) => line.fault !== undefined && matches(line));

  const { msg } = await untilLogged("it listens", (line) => line.msg.startsWith("gateway listens on "));
  const api = createApi(msg.slice("gateway listens on ".length));
  const eventCode = await api.createEvent({ STANDARD: 10 });

  const stream = await openStream(`${api.baseUrl}/api/v1/events/${eventCode}/stream`);
  assert.equal(await stream.isServed(), false);
  const limit = await untilLogged("a stream without a wait slot", (line) => line.code === "overloaded");
  assert.equal(limit.level, info);

  await redis.stop();
  const { port, host } = new URL(redis.url);
  assert.equal(host, `127.0.0.1:${port}`);
  const redisAway = await faultOf("Redis is away", ({ fault }) => fault?.includes("refuses connections") === true);
  assert.deepEqual([redisAway.fault, redisAway.part], [`Redis at ${host} refuses connections`, "queue producer"]);

  await postgres.stop();
  const { host: server, pathname, password } = new URL(postgres.url);
  const ended = await faultOf("a connection is lost", ({ fault }) => fault?.startsWith("PostgreSQL") === true);
  assert.match(ended.part ?? "", /connections$|^listener$/);
  assert.equal((await api.purchase({ eventCode })).status, 503);
  const refused = await faultOf("a purchase is refused", ({ code }) => code === "dependency-unavailable");
  assert.equal(refused.level, error);
  assert(refused.fault?.startsWith(`PostgreSQL at ${server}${pathname} `), refused.fault);

  assert.deepEqual(
    lines().filter((line) => line.err !== undefined),
    [],
  );
  assert(!output().stdout.includes(password));
});
