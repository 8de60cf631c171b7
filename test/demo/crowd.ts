// Generates the buyers of a demo, when each starts and what they do. It is pure: the same seed gives the same crowd,
// whatever the system answers.

/** How a buyer learns the outcome. */
export type Style = "wait" | "poll" | "stream" | "leave";

/**
 * What a buyer does who holds the tickets first: pays after a while, gives the tickets back, or pays when the hold has
 * expired. Who leaves never pays.
 */
export type Payment = Readonly<{ kind: "pays" | "gives-up" | "pays-late"; afterMs: number }>;

/** One of the crowd. */
export type Buyer = Readonly<{
  index: number;
  /** After the start of the demo. */
  startsAtMs: number;
  ticketType: string;
  quantity: number;
  style: Style;
  /** When this buyer clicks again, with the same key, after the first click. */
  clicksAgainAfterMs: readonly number[];
  /** When this buyer's connection breaks after the click, and when they return; undefined for a stable connection. */
  disconnects: Readonly<{ afterMs: number; backAfterMs: number }> | undefined;
  /** Undefined for a buyer whose order is confirmed at once. */
  payment: Payment | undefined;
}>;

export type CrowdPlan = Readonly<{ buyers: number; seconds: number; seed: number }>;

/** The share of the time that is the calm before the sale begins. */
export const calmShare = 0.2;
const rampShare = 0.02;
const rushShare = 0.12;
const calmDensity = 0.25;
const tailDensity = 0.25;
const rushDensity = 8;
const binCount = 2_000;
/** The shortest hold that there is. */
export const holdSeconds = 30;
/** Whose hold would expire later pays in time, so that a demo does not last longer than its crowd. */
const lateMaxMs = (holdSeconds + 5) * 1_000;
const holdShare = 0.4;

/** `demand` is the share of buyers who want the type; `stockPerTicketWanted` below 1 makes it sell out. */
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

/** The relative number of starts at a moment of the sale, from 0 to 1: low, then a steep rise, then a decline. */
function density(moment: number): number {
  if (moment < calmShare) return calmDensity;
  const since = moment - calmShare;
  return Math.min(1, since / rampShare) * (tailDensity + rushDensity * Math.exp(-since / rushShare));
}

/** The share of the crowd that has started by the end of each bin of time. */
const cumulative: readonly number[] = (() => {
  let sum = 0;
  const sums = Array.from({ length: binCount }, (_, bin) => (sum += density((bin + 0.5) / binCount)));
  return sums.map((value) => value / sum);
})();

/** The moment, from 0 to 1, by which this share of the crowd has started. */
function momentOf(share: number): number {
  let low = 0;
  let high = binCount - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 1) < share) low = middle + 1;
    else high = middle;
  }
  const before = cumulative[low - 1] ?? 0;
  const within = (share - before) / ((cumulative[low] ?? 1) - before);
  return (low + Math.min(1, Math.max(0, within))) / binCount;
}

/** The buyer with this number; buyers start in the order of their numbers. */
export function buyerAt({ buyers, seconds, seed }: CrowdPlan, index: number): Buyer {
  const random = randomOf(seed, index);
  const { ticketType } = pickType(random());
  const quantity = quantities[Math.floor(random() * quantities.length)] ?? 1;
  const style = pickStyle(random());
  const clicks = random() < 0.12 ? 1 + Math.floor(random() * 2) : 0;
  const isDisconnecting = random() < 0.06;
  const moment = momentOf((index + 0.5) / buyers);
  return {
    index,
    startsAtMs: moment * seconds * 1_000,
    ticketType,
    quantity,
    style,
    clicksAgainAfterMs: Array.from({ length: clicks }, () => 10 + random() * 400),
    disconnects: isDisconnecting
      ? { afterMs: Math.round(1 + random() * 25), backAfterMs: 200 + random() * 2_000 }
      : undefined,
    payment: random() < holdShare ? pickPayment(random(), random(), moment, seconds) : undefined,
  };
}

/** Only the first half of the crowd gives up: somebody must be left to buy what comes back. */
function pickPayment(share: number, pauseShare: number, moment: number, seconds: number): Payment {
  const afterMs = 200 + pauseShare * 1_800;
  if (share < 0.15 && moment < 0.5) return { kind: "gives-up", afterMs };
  const isLate = share > 0.9 && moment * seconds * 1_000 + lateMaxMs < seconds * 1_000;
  return { kind: isLate ? "pays-late" : "pays", afterMs };
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

/** Pseudo-random numbers from 0 to 1: mulberry32, whose state the seed and the buyer's number initialise. */
export function randomOf(seed: number, index: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
