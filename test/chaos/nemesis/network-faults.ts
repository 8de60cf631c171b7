// The network between the services and PostgreSQL.
import { setTimeout as delay } from "node:timers/promises";
import { draw, type FaultContext, type FaultKind } from "./fault.ts";

const group = "stores";
const slowMinMs = 10;
const slowMaxMs = 150;
const lastsMinMs = 1_000;
const lastsMaxMs = 4_000;

/** Half of the time that of one service, else that of all. */
const drawProxies = ({ stack: { proxies }, random }: FaultContext) =>
  random() < 0.5 ? [draw(random, proxies)] : proxies;
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

export const networkFaults: readonly FaultKind[] = [
  {
    name: "connections to PostgreSQL are reset",
    group,
    inject: async (context) => sum(drawProxies(context).map(({ breakConnections }) => breakConnections())),
  },
  {
    // The services see no end of these connections: only their own time limits help.
    name: "connections to PostgreSQL fall silent",
    group,
    inject: async (context) => sum(drawProxies(context).map(({ muteConnections }) => muteConnections())),
  },
  {
    name: "the way to PostgreSQL is slow",
    group,
    inject: async (context) => {
      const proxies = drawProxies(context);
      const before = sum(proxies.map(({ delayedCount }) => delayedCount()));
      for (const { delayBy } of proxies) delayBy(context.drawMs(slowMinMs, slowMaxMs));
      await delay(context.drawMs(lastsMinMs, lastsMaxMs));
      for (const { delayBy } of proxies) delayBy(0);
      return sum(proxies.map(({ delayedCount }) => delayedCount())) - before;
    },
  },
];
