// The names of contestants, scenarios and figures: the values of --only, and the names in results.json.

export const contestantNames = [
  "echo",
  "ceiling",
  "hot-row",
  "synchronous-pessimistic",
  "synchronous-optimistic",
  "onsale-postgres",
  "onsale-postgres-2x2",
  "onsale-redis",
  "onsale-redis-2x2",
  "onsale-postgres-1x2",
  "onsale-postgres-1x4",
  "onsale-redis-cluster",
] as const;
export type ContestantName = (typeof contestantNames)[number];

export const scenarioNames = [
  "generator",
  "hot-event",
  "sold-out",
  "thousand-events",
  "beside-hot-event",
  "replays",
  "polls",
  "connections-128",
  "connections-512",
  "connections-2000",
  "old-orders",
  "ruled-event",
  "backlog",
  "open-crowd",
  "hold-confirm",
  "cancel-storm",
  "expiring-holds",
  "idle",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** The titles in reports and plots. */
export const contestantTitles: Readonly<Record<ContestantName, string>> = {
  echo: "generator against a bare socket",
  ceiling: "ceiling: Fastify, nothing stored",
  "hot-row": "hot row: one statement, no HTTP",
  "synchronous-pessimistic": "synchronous, pessimistic",
  "synchronous-optimistic": "synchronous, optimistic",
  "onsale-postgres": "Onsale, PostgreSQL queues",
  "onsale-postgres-2x2": "Onsale, PostgreSQL queues, 2 + 2",
  "onsale-redis": "Onsale, Redis queues",
  "onsale-redis-2x2": "Onsale, Redis queues, 2 + 2",
  "onsale-postgres-1x2": "Onsale, PostgreSQL queues, 1 + 2",
  "onsale-postgres-1x4": "Onsale, PostgreSQL queues, 1 + 4",
  "onsale-redis-cluster": "Onsale, Redis Cluster of 3 masters",
};

export const scenarioTitles: Readonly<Record<ScenarioName, string>> = {
  generator: "What the load generator can do",
  "hot-event": "One hot event, stock for all",
  "sold-out": "One hot event that sells out at about 5 % of the requests",
  "thousand-events": "1,000 events evenly",
  "beside-hot-event": "10 % of the buyers on 1,000 other events, without and beside a hot event",
  replays: "The same keys again",
  polls: "Polls: GET of an order",
  "connections-128": "One hot event, 128 connections",
  "connections-512": "One hot event, 512 connections",
  "connections-2000": "One hot event, 2,000 connections",
  "old-orders": "One hot event, beside millions of decided orders",
  "ruled-event": "One event with limits per customer, pools and a sale window",
  backlog: "A backlog of 1,000 events, worked off by workers alone",
  "open-crowd": "An open crowd: for two minutes, buyers come ten times as fast as orders can be decided",
  "hold-confirm": "Orders of one event that are held, beside confirmations of as many held orders",
  "cancel-storm": "Purchases of one event, beside cancellations of as many of its orders",
  "expiring-holds": "A sale at 30 % of the full speed, without and while 100,000 holds are due",
  idle: "Idle: one buyer, Prefer: wait",
};

/** What happens to an order beside a plain purchase; `hold` is a purchase that is held. */
export const transitionNames = ["hold", "confirm", "cancel", "expiry"] as const;
export type TransitionName = (typeof transitionNames)[number];

/** The kinds of processes whose CPU time and memory are measured. */
export const roles = ["server", "gateway", "worker", "postgres", "redis", "generator"] as const;
export type Role = (typeof roles)[number];
type Percentile = "p50Ms" | "p95Ms" | "p99Ms";

/** A figure that a run measures, with its unit in the name. */
export type FigureName =
  | "requests"
  | "decided"
  | "acceptedPerSecond"
  | "decidedPerSecond"
  | "answersPerSecond"
  | "conflictShare"
  | "soldShare"
  | "otherRequests"
  | "walBytesPerOrder"
  | "foreignCores"
  | "stolenCores"
  /** From the moment that all holds are due to the last expiry. */
  | "expirySeconds"
  /** Batches that were decided again, because something else had changed their stock. */
  | "conflicts"
  | `accept.${Percentile}`
  /** Of those that were not refused. */
  | "accepted.p99Ms"
  /** Requests that were sent, of those that an open crowd would send. */
  | "offeredShare"
  /** Requests that a gateway refused because it could not keep up itself. */
  | "overloadedShare"
  /** The peak in the second half of the time, in times of that in the first half. */
  | `memoryGrowth.${Role}`
  | `decision.${Percentile}`
  | `othersAlone.${Percentile}`
  | `othersBeside.${Percentile}`
  /** The same run without the scenario's peculiarity, measured before and after it. */
  | "baseline.decidedPerSecond"
  | `othersAlone.acceptedPerSecond`
  | `othersBeside.acceptedPerSecond`
  | `cpuMsPerOrder.${Role}`
  | `cpuCores.${Role}`
  | `peakMb.${Role}`
  /** Of a load of such transitions alone; per transition. */
  | `${TransitionName}.perSecond`
  | `${TransitionName}.walBytes`
  | `${TransitionName}.cpuMs.${Role}`;
export type Figures = Readonly<Partial<Record<FigureName, number>>>;
