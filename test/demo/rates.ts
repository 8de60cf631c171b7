import type { Counts } from "./ledger.ts";

const names = ["arrived", "accepted", "turnedAway", "replays"] as const;
type Rates = Record<(typeof names)[number], number>;

/** Over which rates are taken. */
const windowMs = 1_000;
const historyCountMax = 60;

/** What counts rise by per second. `measure` is called now and then. */
export function createRates(counts: Readonly<Counts>, now: () => number = () => performance.now()) {
  const samples: { at: number; counts: Rates }[] = [];
  const history: number[] = [];
  let historyAt = Number.NEGATIVE_INFINITY;
  let rates: Rates = { arrived: 0, accepted: 0, turnedAway: 0, replays: 0 };

  return {
    measure: (): void => {
      const at = now();
      const { arrived, accepted, turnedAway, replays } = counts;
      samples.push({ at, counts: { arrived, accepted, turnedAway, replays } });
      while (samples.length > 2 && (samples[1]?.at ?? at) <= at - windowMs) samples.shift();
      const [first] = samples;
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.at === first.at) return;
      const perSecond = (name: keyof Rates) =>
        ((last.counts[name] - first.counts[name]) * 1_000) / (last.at - first.at);
      rates = {
        arrived: perSecond("arrived"),
        accepted: perSecond("accepted"),
        turnedAway: perSecond("turnedAway"),
        replays: perSecond("replays"),
      };
      if (at - historyAt < windowMs) return;
      historyAt = at;
      history.push(rates.arrived);
      if (history.length > historyCountMax) history.shift();
    },
    current: (): Readonly<Rates> => rates,
    /** Arrivals per second, one for each second. */
    history: (): readonly number[] => history,
  };
}
