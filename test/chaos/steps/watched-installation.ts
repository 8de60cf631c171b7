// An installation whose processes reach PostgreSQL and Redis through proxies that can lose the answer to one call.
import type { Backend } from "../../support/services/backends.ts";
import { type CallWatch, createCallWatch } from "../../support/wire/call-watch.ts";
import { type LosingProxy, startLosingProxy } from "../../support/wire/losing-proxy.ts";
import { createPostgresTap } from "../../support/wire/postgres-tap.ts";
import { createRedisTap, type ScriptNames } from "../../support/wire/redis-tap.ts";
import type { VictimKind } from "../stack/victim.ts";
import { type SmallInstallation, startSmallInstallation } from "./small-installation.ts";

/** What a process asks for, and its connections. */
export type Wire = CallWatch & Readonly<{ resetAll: () => void }>;

export type WatchedInstallation = SmallInstallation & Readonly<{ wires: Readonly<Record<VictimKind, Wire>> }>;

/** Starts it; it is ended as cleanup.ts says. */
export async function startWatchedInstallation(backend: Backend): Promise<WatchedInstallation> {
  const scripts: ScriptNames = new Map();
  const [gateway, worker, notifier] = [createWire(scripts), createWire(scripts), createWire(scripts)];
  const wires = { gateway, worker, notifier };
  const installation = await startSmallInstallation({
    backend,
    connectionsOf: async (kind, { DATABASE_URL = "", REDIS_URL }) => ({
      DATABASE_URL: await wires[kind].toPostgres(DATABASE_URL),
      ...(REDIS_URL === undefined ? {} : { REDIS_URL: await wires[kind].toRedis(REDIS_URL) }),
    }),
  });
  return { ...installation, wires };
}

function createWire(scripts: ScriptNames) {
  const watch = createCallWatch();
  const proxies: LosingProxy[] = [];
  const open = async (starting: Promise<LosingProxy>) => {
    const proxy = await starting;
    proxies.push(proxy);
    return proxy.url;
  };
  return {
    ...watch,
    toPostgres: (url: string) => open(startLosingProxy(url, () => createPostgresTap(watch))),
    toRedis: (url: string) => open(startLosingProxy(url, () => createRedisTap(watch, scripts))),
    resetAll: () => {
      for (const { resetAll } of proxies) resetAll();
    },
  };
}
