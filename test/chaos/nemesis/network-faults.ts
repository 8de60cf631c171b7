// The networks: between the services and a store, and between clients and the gateways.
import { setTimeout as delay } from "node:timers/promises";
import type { Proxy as TcpProxy } from "../../support/http/proxy.ts";
import type { Stack } from "../stack/stack.ts";
import { draw, type FaultContext, type FaultKind } from "./fault.ts";

const slowMinMs = 10;
const slowMaxMs = 150;
const lastsMinMs = 1_000;
const lastsMaxMs = 4_000;

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

type Network = Pick<FaultKind, "group" | "delaysHolds"> &
  Readonly<{
    /** Who takes the connections, and who opens them. */
    server: string;
    clients: string;
    /** One for each way. */
    proxiesOf: (stack: Stack) => readonly TcpProxy[];
  }>;

function faultsTo({ server, clients, proxiesOf, ...kind }: Network): readonly FaultKind[] {
  /** Half of the time one way, else all of them. */
  const drawProxies = ({ stack, random }: FaultContext) =>
    random() < 0.5 ? [draw(random, proxiesOf(stack))] : proxiesOf(stack);
  /** Hits the connections of this moment. */
  const once = (name: string, hit: (proxy: TcpProxy) => number): FaultKind => ({
    name,
    ...kind,
    inject: async (context) => sum(drawProxies(context).map(hit)),
  });
  /** Hits what is sent for a while. */
  const forAWhile = (name: string, hit: (proxy: TcpProxy, context: FaultContext) => Lasting): FaultKind => ({
    name,
    ...kind,
    inject: async (context) => {
      const lasting = drawProxies(context).map((proxy) => hit(proxy, context));
      await delay(context.drawMs(lastsMinMs, lastsMaxMs));
      return sum(lasting.map(({ end }) => end()));
    },
  });
  return [
    once(`connections to ${server} are reset`, ({ breakConnections }) => breakConnections()),
    // Nobody sees an end of these connections: only time limits help.
    once(`connections to ${server} fall silent`, ({ muteConnections }) => muteConnections()),
    once(`${server} does not learn that connections ended`, ({ halveConnections }) => halveConnections("client")),
    once(`${clients} do not learn that ${server} ended connections`, ({ halveConnections }) =>
      halveConnections("server"),
    ),
    forAWhile(`${server} is reached by nobody`, (proxy) => {
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
    forAWhile(`the way to ${server} is slow`, ({ delayBy, delayedCount }, { drawMs }) => {
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

export const postgresNetworkFaults = faultsTo({
  group: "PostgreSQL",
  server: "PostgreSQL",
  clients: "services",
  delaysHolds: true,
  proxiesOf: ({ postgresProxies }) => postgresProxies,
});

export const redisNetworkFaults = faultsTo({
  group: "Redis",
  server: "Redis",
  clients: "services",
  delaysHolds: true,
  proxiesOf: ({ redisProxies }) => redisProxies,
});

export const clientNetworkFaults = faultsTo({
  group: "clients",
  server: "a gateway",
  clients: "buyers",
  delaysHolds: false,
  proxiesOf: ({ gatewayProxies }) => gatewayProxies,
});
