// Two gateways and two workers that a test kills with SIGKILL and starts again, the gateways on the same ports.

import { createListener } from "@onsale/database/announcements/listen";
import type { Db } from "@onsale/database/client";
import { defaultAccountId } from "@onsale/gateway/access/api-keys";
import { sql } from "kysely";
import { atEnd } from "../cleanup.ts";
import { connect, createTestDatabase } from "../database/database.ts";
import { type Api, createApi } from "../http/api.ts";
import type { Backend } from "../services/backends.ts";
import { createRestartingGateways } from "../services/scenarios/rolling-restarts.ts";
import { type Environment, type Service, startWorker } from "../services/services.ts";
import { untilTrue } from "../until.ts";
import { createEndpoint } from "../webhooks/webhook-factories.ts";

export const gatewayNames = ["gateway 1", "gateway 2"] as const;
export const workerNames = ["worker 1", "worker 2"] as const;
export const processNames = [...gatewayNames, ...workerNames] as const;
export type ProcessName = (typeof processNames)[number];

export type KillableInstallation = Readonly<{
  db: Db;
  /** A client of each gateway. */
  apis: readonly [Api, Api];
  /** Kills processes, each at once or when it is ready again after being killed, and resolves when all are ready. */
  kill: (names: readonly ProcessName[]) => Promise<void>;
  /** Resolves when PostgreSQL tells of the next transition that was committed after the call. */
  nextTransition: () => Promise<void>;
}>;

type Killable = Readonly<{ start: () => Promise<void>; kill: () => Promise<void> }>;

/** Starts it, with an endpoint that wants all webhooks. No notifier runs, so the outbox keeps what it was given. */
export async function startKillableInstallation(backend: Backend): Promise<KillableInstallation> {
  const databaseUrl = await createTestDatabase();
  const environment = { ...(await backend.start()), DATABASE_URL: databaseUrl };
  const [gateways, ...workers] = await Promise.all([
    createRestartingGateways(environment),
    createRestartingWorker(environment),
    createRestartingWorker(environment),
  ]);
  const processes: Record<ProcessName, () => Promise<void>> = {
    "gateway 1": inTurn(gateways[0]),
    "gateway 2": inTurn(gateways[1]),
    "worker 1": inTurn(workers[0]),
    "worker 2": inTurn(workers[1]),
  };
  const apis = [createApi(gateways[0].url), createApi(gateways[1].url)] as const;
  // A client reads its gateway's OpenAPI document once, with its first answer.
  await Promise.all(apis.map(({ get }) => get("/api/v1/events")));
  const db = connect(databaseUrl);
  await createEndpoint(db, { accountId: defaultAccountId });
  return {
    db,
    apis,
    kill: async (names) => {
      await Promise.all(names.map((name) => processes[name]()));
    },
    nextTransition: await watchTransitions(db, databaseUrl),
  };
}

/** Kills a process and starts it again, one time after the other. */
function inTurn({ kill, start }: Killable): () => Promise<void> {
  let turn = Promise.resolve();
  return () => {
    turn = turn.then(kill).then(start);
    return turn;
  };
}

async function createRestartingWorker(environment: Environment): Promise<Killable> {
  let service: Service | undefined;
  const start = async () => {
    service = await startWorker(environment);
  };
  await start();
  return { start, kill: async () => service?.kill() };
}

/** A trigger announces each transition, because gateways do so only some time after their commit. */
async function watchTransitions(db: Db, url: string): Promise<() => Promise<void>> {
  const channel = "test_transitions";
  await sql`
    CREATE FUNCTION tell_transition() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_notify('test_transitions', ''); RETURN NULL; END $$`.execute(db);
  await sql`
    CREATE TRIGGER tell_transition AFTER INSERT ON order_history
    FOR EACH STATEMENT EXECUTE FUNCTION tell_transition()`.execute(db);
  const waiting = new Set<() => void>();
  const listener = createListener({
    url,
    applicationName: "onsale-test",
    onListening: () => undefined,
    onLost: () => undefined,
    handlers: {
      [channel]: () => {
        for (const resolve of waiting) resolve();
        waiting.clear();
      },
    },
  });
  atEnd(listener.close);
  await untilTrue("it listens", listener.isListening);
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    return promise;
  };
}
