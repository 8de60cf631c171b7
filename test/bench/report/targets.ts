// The targets of the benchmark, mostly ratios. A ratio is computed per round, so that other load on the machine affects
// both sides, and the median of the rounds counts. In comparisons with other designs the fastest set-up of Onsale
// counts. The effects of old orders, many events and a hot event, and the time of an idle system, are judged on the
// set-up of `npm start`.
import { type ContestantName, contestantTitles, type FigureName, type Figures, type ScenarioName } from "../names.ts";
import { findResult, type Result, type TargetResult } from "./results.ts";
import { median, spread } from "./statistics.ts";

type Point = Readonly<{ scenario: ScenarioName; contestants: readonly ContestantName[]; figure: FigureName }>;

type Target = Readonly<{
  name: string;
  comparison: "at least" | "at most";
  target: number;
  unit: "times" | "ms" | "MB";
  /** The best of its contestants counts. */
  value: Point;
  /** The divisor of a ratio; "same" stands for the contestant that counts. */
  by?: Omit<Point, "contestants"> & Readonly<{ contestants: readonly ContestantName[] | "same" }>;
}>;

const anyOnsale = ["onsale-postgres", "onsale-postgres-2x2", "onsale-redis", "onsale-redis-2x2"] as const;
const hot = { scenario: "hot-event", figure: "decidedPerSecond" } as const;
const hotOnsale = { ...hot, contestants: anyOnsale };
const crowd = { scenario: "open-crowd", contestants: ["onsale-postgres"] } as const;
const ceiling = { ...hot, contestants: ["ceiling"] } as const;

const targets: readonly Target[] = [
  ratio("one hot event ÷ best synchronous design", 20, hotOnsale, {
    ...hot,
    contestants: ["synchronous-pessimistic", "synchronous-optimistic"],
  }),
  ratio("one hot event ÷ hot row", 5, hotOnsale, { ...hot, contestants: ["hot-row"] }),
  ratio("one hot event ÷ ceiling", 0.45, hotOnsale, ceiling),
  ratio(
    "sold-out answers ÷ ceiling",
    0.8,
    { scenario: "sold-out", contestants: anyOnsale, figure: "answersPerSecond" },
    ceiling,
  ),
  ratio(
    "1,000 events ÷ one event",
    0.8,
    { scenario: "thousand-events", contestants: ["onsale-postgres"], figure: "decidedPerSecond" },
    { scenario: "thousand-events", contestants: "same", figure: "baseline.decidedPerSecond" },
  ),
  ratio(
    "with old orders ÷ empty",
    0.9,
    { scenario: "old-orders", contestants: ["onsale-postgres"], figure: "decidedPerSecond" },
    { scenario: "old-orders", contestants: "same", figure: "baseline.decidedPerSecond" },
  ),
  ratio(
    "with limits, pools and a window ÷ plain",
    0.7,
    { scenario: "ruled-event", contestants: ["onsale-postgres"], figure: "decidedPerSecond" },
    { scenario: "ruled-event", contestants: "same", figure: "baseline.decidedPerSecond" },
  ),
  {
    name: "other buyers' p99, beside a hot event ÷ alone",
    comparison: "at most",
    target: 2,
    unit: "times",
    value: { scenario: "beside-hot-event", contestants: ["onsale-postgres"], figure: "othersBeside.p99Ms" },
    by: { scenario: "beside-hot-event", contestants: "same", figure: "othersAlone.p99Ms" },
  },
  ratio(
    "decided while an open crowd of 10 × comes ÷ at best",
    0.8,
    { ...crowd, figure: "decidedPerSecond" },
    { scenario: "open-crowd", contestants: "same", figure: "baseline.decidedPerSecond" },
  ),
  {
    name: "p99 from due to accepted, while an open crowd of 10 × comes",
    comparison: "at most",
    target: 2_000,
    unit: "ms",
    value: { ...crowd, figure: "accepted.p99Ms" },
  },
  {
    name: "sent of an open crowd of 10 ×",
    comparison: "at least",
    target: 0.99,
    unit: "times",
    value: { ...crowd, figure: "offeredShare" },
  },
  {
    name: "gateway's peak memory, with an open crowd of 10 ×",
    comparison: "at most",
    target: 512,
    unit: "MB",
    value: { ...crowd, figure: "peakMb.gateway" },
  },
  {
    name: "gateway's peak memory, second half of an open crowd ÷ first",
    comparison: "at most",
    target: 1.1,
    unit: "times",
    value: { ...crowd, figure: "memoryGrowth.gateway" },
  },
  ratio(
    "held and confirmed ÷ plain purchases",
    0.4,
    { scenario: "hold-confirm", contestants: ["onsale-postgres"], figure: "decidedPerSecond" },
    { scenario: "hold-confirm", contestants: "same", figure: "baseline.decidedPerSecond" },
  ),
  ratio(
    "purchases beside as many cancellations ÷ alone",
    0.4,
    { scenario: "cancel-storm", contestants: ["onsale-postgres"], figure: "decidedPerSecond" },
    { scenario: "cancel-storm", contestants: "same", figure: "baseline.decidedPerSecond" },
  ),
  {
    name: "decision p99, while 100,000 holds expire ÷ alone",
    comparison: "at most",
    target: 2,
    unit: "times",
    value: { scenario: "expiring-holds", contestants: ["onsale-postgres"], figure: "othersBeside.p99Ms" },
    by: { scenario: "expiring-holds", contestants: "same", figure: "othersAlone.p99Ms" },
  },
  {
    name: "idle: submit and wait, median",
    comparison: "at most",
    target: 10,
    unit: "ms",
    value: { scenario: "idle", contestants: ["onsale-postgres"], figure: "accept.p50Ms" },
  },
];

function ratio(name: string, target: number, value: Point, by: Target["by"] & object): Target {
  return { name, comparison: "at least", target, unit: "times", value, by };
}

export function judge(results: readonly Result[]): TargetResult[] {
  return targets.map((target) => judgeOne(target, results));
}

function judgeOne(target: Target, results: readonly Result[]): TargetResult {
  const { name, comparison, target: wanted, unit, value, by } = target;
  const isBetter = comparison === "at least" ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
  let best: { contestant: ContestantName; rounds: number[] } | undefined;
  for (const contestant of value.contestants) {
    const rounds = measure(target, contestant, results);
    if (rounds.length === 0) continue;
    if (best === undefined || isBetter(median(rounds), median(best.rounds))) best = { contestant, rounds };
  }
  const about = { name, comparison, target: wanted, unit };
  if (best === undefined) return { ...about, measured: null, reached: null, note: "not run" };
  const measured = spread(best.rounds);
  const reached = comparison === "at least" ? measured.median >= wanted : measured.median <= wanted;
  const divisor = by === undefined || by.contestants === "same" ? undefined : bestOf(by.contestants, by, results);
  const note = [best.contestant, ...(divisor === undefined ? [] : [divisor])].map((one) => contestantTitles[one]);
  return { ...about, measured, reached, note: note.join(" ÷ ") };
}

/** The target's value of each round. */
function measure({ value, by }: Target, contestant: ContestantName, results: readonly Result[]): number[] {
  const rounds = findResult(results, value.scenario, contestant)?.rounds ?? [];
  const divisor = by?.contestants === "same" ? contestant : by && bestOf(by.contestants, by, results);
  const others = by && divisor ? findResult(results, by.scenario, divisor)?.rounds : undefined;
  return rounds.flatMap((figures, index) => {
    const own = figures[value.figure];
    const other = by === undefined ? 1 : figureOf(others?.[index], by.figure);
    return own === undefined || other === undefined ? [] : [own / other];
  });
}

function figureOf(figures: Figures | undefined, name: FigureName): number | undefined {
  return figures?.[name];
}

/** The contestant with the highest median. */
function bestOf(
  contestants: readonly ContestantName[],
  { scenario, figure }: Omit<Point, "contestants">,
  results: readonly Result[],
): ContestantName | undefined {
  const medianOf = (contestant: ContestantName) =>
    findResult(results, scenario, contestant)?.summary[figure]?.median ?? Number.NEGATIVE_INFINITY;
  return contestants.toSorted((a, b) => medianOf(b) - medianOf(a)).find((one) => Number.isFinite(medianOf(one)));
}
