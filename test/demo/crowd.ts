// Who comes, when, and what each of them does: pure, and the same for the same seed, whatever the system answers.
/** How a buyer learns the outcome. */
export type Style = "wait" | "poll" | "stream" | "leave";

/** One of the crowd. */
export type Buyer = Readonly<{
  index: number;
  /** After the doors opened. */
  arrivesAtMs: number;
  ticketType: string;
  quantity: number;
  style: Style;
  /** How long after the first click each further one comes, with the same key. */
  clicksAgainAfterMs: readonly number[];
  /** Cuts the connection so long after the click, and comes back later; undefined for those who stay. */
  vanishes: Readonly<{ afterMs: number; backAfterMs: number }> | undefined;
}>;

export type CrowdPlan = Readonly<{ buyers: number; seconds: number; seed: number }>;

/** Of the time, so much is the calm before the sale begins. */
export const calmShare = 0.2;
const rampShare = 0.02;
const rushShare = 0.12;
const calmDensity = 0.25;
const tailDensity = 0.25;
const rushDensity = 8;
const binCount = 2_000;

/** What is sold: how many of the buyers want it, and how many tickets there are for each that is asked for. */
const ticketTypes = [
  { ticketType: "STANDARD", demand: 0.6, stockPerTicketWanted: 0.6 },
  { ticketType: "STUDENT", demand: 0.15, stockPerTicketWanted: 0.75 },
  { ticketType: "VIP", demand: 0.15, stockPerTicketWanted: 0.25 },
  { ticketType: "BALCONY", demand: 0.1, stockPerTicketWanted: 1.4 },
] as const;
const quantities = [1, 1, 1, 2, 2, 2, 2, 3, 4, 4] as const;
const averageQuantity = quantities.reduce<number>((sum, quantity) => sum + quantity, 0) / quantities.length;

/** The stock for a crowd: most of it sells out, some does not. */
export function stockFor(buyers: number): { ticketType: string; total: number }[] {
  return ticketTypes.map(({ ticketType, demand, stockPerTicketWanted }) => ({
    ticketType,
    total: Math.max(1, Math.round(buyers * demand * averageQuantity * stockPerTicketWanted)),
  }));
}

/** How many come at a moment of the sale, from 0 to 1: few, then all at once, then ever fewer. */
function density(moment: number): number {
  if (moment < calmShare) return calmDensity;
  const since = moment - calmShare;
  return Math.min(1, since / rampShare) * (tailDensity + rushDensity * Math.exp(-since / rushShare));
}

/** The share of the crowd that has come by the end of each bin of time. */
const cumulative: readonly number[] = (() => {
  let sum = 0;
  const sums = Array.from({ length: binCount }, (_, bin) => (sum += density((bin + 0.5) / binCount)));
  return sums.map((value) => value / sum);
})();

/** The moment, from 0 to 1, by which such a share of the crowd has come. */
function momentOf(share: number): number {
  let [low, high] = [0, binCount - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 1) < share) low = middle + 1;
    else high = middle;
  }
  const before = cumulative[low - 1] ?? 0;
  const within = (share - before) / ((cumulative[low] ?? 1) - before);
  return (low + Math.min(1, Math.max(0, within))) / binCount;
}

/** The buyer with this number; they come in the order of their numbers. */
export function buyerAt({ buyers, seconds, seed }: CrowdPlan, index: number): Buyer {
  const random = randomOf(seed, index);
  const { ticketType } = pickType(random());
  const quantity = quantities[Math.floor(random() * quantities.length)] ?? 1;
  const style = pickStyle(random());
  const clicks = random() < 0.12 ? 1 + Math.floor(random() * 2) : 0;
  const isVanishing = random() < 0.06;
  return {
    index,
    arrivesAtMs: momentOf((index + 0.5) / buyers) * seconds * 1_000,
    ticketType,
    quantity,
    style,
    clicksAgainAfterMs: Array.from({ length: clicks }, () => 10 + random() * 400),
    vanishes: isVanishing ? { afterMs: Math.round(1 + random() * 25), backAfterMs: 200 + random() * 2_000 } : undefined,
  };
}

function pickType(share: number) {
  let rest = share;
  for (const type of ticketTypes) {
    if (rest < type.demand) return type;
    rest -= type.demand;
  }
  return ticketTypes[0];
}

function pickStyle(share: number): Style {
  if (share < 0.35) return "wait";
  if (share < 0.8) return "poll";
  return share < 0.83 ? "stream" : "leave";
}

/** Numbers from 0 to 1 that look random: mulberry32, begun at a place that the seed and the buyer give. */
function randomOf(seed: number, index: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
