// The network between the services and a store.
import { setTimeout as delay } from "node:timers/promises";
import type { Proxy as StoreProxy } from "../../support/http/proxy.ts";
import type { Stack } from "../stack/stack.ts";
import { draw, type FaultContext, type FaultKind } from "./fault.ts";

const group = "stores";
const slowMinMs = 10;
const slowMaxMs = 150;
const lastsMinMs = 1_000;
const lastsMaxMs = 4_000;

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** @param proxiesOf one for each service */
function faultsTo(store: string, proxiesOf: (stack: Stack) => readonly StoreProxy[]): readonly FaultKind[] {
  /** Half of the time that of one service, else that of all. */
  const drawProxies = ({ stack, random }: FaultContext) =>
    random() < 0.5 ? [draw(random, proxiesOf(stack))] : proxiesOf(stack);
  /** Hits the connections of this moment. */
  const once = (name: string, hit: (proxy: StoreProxy) => number): FaultKind => ({
    name,
    group,
    inject: async (context) => sum(drawProxies(context).map(hit)),
  });
  /** Hits what is sent for a while. */
  const forAWhile = (name: string, hit: (proxy: StoreProxy, context: FaultContext) => Lasting): FaultKind => ({
    name,
    group,
    inject: async (context) => {
      const lasting = drawProxies(context).map((proxy) => hit(proxy, context));
      await delay(context.drawMs(lastsMinMs, lastsMaxMs));
      return sum(lasting.map(({ end }) => end()));
    },
  });
  return [
    once(`connections to ${store} are reset`, ({ breakConnections }) => breakConnections()),
    // The services see no end of these connections: only their own time limits help.
    once(`connections to ${store} fall silent`, ({ muteConnections }) => muteConnections()),
    once(`${store} does not learn that connections ended`, ({ halveConnections }) => halveConnections("client")),
    once(`services do not learn that ${store} ended connections`, ({ halveConnections }) => halveConnections("server")),
    forAWhile(`${store} is reached by nobody`, (proxy) => {
      const before = proxy.swallowedCount();
      proxy.swallow(true);
      const mutedCount = proxy.muteConnections();
      return {
        end: () => {
          proxy.swallow(false);
          return mutedCount + proxy.swallowedCount() - before;
        },
      };
    }),
    forAWhile(`the way to ${store} is slow`, ({ delayBy, delayedCount }, { drawMs }) => {
      const before = delayedCount();
      delayBy(drawMs(slowMinMs, slowMaxMs));
      return {
        end: () => {
          delayBy(0);
          return delayedCount() - before;
        },
      };
    }),
  ];
}

/** Ends it, and returns how many things it hit. */
type Lasting = Readonly<{ end: () => number }>;

export const postgresNetworkFaults = faultsTo("PostgreSQL", ({ postgresProxies }) => postgresProxies);
export const redisNetworkFaults = faultsTo("Redis", ({ redisProxies }) => redisProxies);
