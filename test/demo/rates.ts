import type { Counts } from "./ledger.ts";

const names = ["started", "accepted", "turnedAway", "replays"] as const;
type Rates = Record<(typeof names)[number], number>;

/** Each rate is an average over this time. */
const windowMs = 1_000;
const historyCountMax = 60;

/** Computes the increase of counts per second; the caller calls `measure` several times a second. */
export function createRates(counts: Readonly<Counts>, now: () => number = () => performance.now()) {
  const samples: { at: number; counts: Rates }[] = [];
  const history: number[] = [];
  let historyAt = Number.NEGATIVE_INFINITY;
  let rates: Rates = { started: 0, accepted: 0, turnedAway: 0, replays: 0 };

  return {
    measure: (): void => {
      const at = now();
      const { started, accepted, turnedAway, replays } = counts;
      samples.push({ at, counts: { started, accepted, turnedAway, replays } });
      while (samples.length > 2 && (samples[1]?.at ?? at) <= at - windowMs) samples.shift();
      const [first] = samples;
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.at === first.at) return;
      const perSecond = (name: keyof Rates) =>
        ((last.counts[name] - first.counts[name]) * 1_000) / (last.at - first.at);
      rates = {
        started: perSecond("started"),
        accepted: perSecond("accepted"),
        turnedAway: perSecond("turnedAway"),
        replays: perSecond("replays"),
      };
      if (at - historyAt < windowMs) return;
      historyAt = at;
      history.push(rates.started);
      if (history.length > historyCountMax) history.shift();
    },
    current: (): Readonly<Rates> => rates,
    /** Buyers started per second, one value for each second. */
    history: (): readonly number[] => history,
  };
}
