import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { clockFileSettings } from "../../support/services/services.ts";

/** The clock of a service, also of those processes that follow the first one. */
export type Clock = Readonly<{
  environment: Readonly<Record<string, string>>;
  /** Sets it wrong by so much from now on. */
  shiftBy: (ms: number) => void;
  /** How often its process has noticed that it was set. */
  noticedCount: () => number;
}>;

/** The clock of a service that no fault sets. */
export const unsetClock: Clock = {
  environment: {},
  shiftBy: () => {
    throw new Error("this clock cannot be set");
  },
  noticedCount: () => 0,
};

/** @param file in which the clock of one service is kept */
export function createClock(file: string): Clock {
  const noticed = `${file}.noticed`;
  const shiftBy = (ms: number) => writeFileSync(file, String(ms));
  shiftBy(0);
  return {
    environment: clockFileSettings(file),
    shiftBy,
    noticedCount: () => (existsSync(noticed) ? readFileSync(noticed, "utf8").split("\n").length - 1 : 0),
  };
}
