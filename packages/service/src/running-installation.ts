// How programs on this machine find a running `npm start`, on whichever port it listens: it writes where it is into the
// folder `run` of its DATA_DIR, and removes that at its end. One that was killed leaves its files behind.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runs } from "./process-info.ts";

/** The files in DATA_DIR/run that other programs read. */
export const runFiles = {
  /** The process of `npm start`. */
  pid: "standalone.pid",
  gatewayUrl: "gateway-url",
  /** Has the password in it. */
  databaseUrl: "database-url",
} as const;

/** `ended`: an `npm start` was killed; `url` is where its gateway was. */
export type Installation = Readonly<
  { kind: "none" } | { kind: "running"; url: string } | { kind: "ended"; url: string }
>;

/** Its command line ends with the program's name, whichever folder it was started from. */
const programName = "main.ts";

/** Whether a process is an `npm start`. The pid alone may belong to another program by now. */
export function isStandalone(pid: number): boolean {
  return pid > 0 && runs(pid, programName);
}

/** Finds the `npm start` that uses a DATA_DIR. */
export function findInstallation(dataDir: string): Installation {
  const url = readRunFile(dataDir, runFiles.gatewayUrl);
  if (url === undefined || !/^https?:\/\/[^\s/]+$/.test(url)) return { kind: "none" };
  const pid = Number.parseInt(readRunFile(dataDir, runFiles.pid) ?? "", 10);
  return { kind: isStandalone(pid) ? "running" : "ended", url };
}

/** The text of a file in DATA_DIR/run; undefined when it cannot be read. */
export function readRunFile(dataDir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dataDir, "run", name), "utf8").trim();
  } catch {
    return undefined;
  }
}

const usualUrl = "http://127.0.0.1:8080";

/** Where a program finds the gateway when nobody says where it is. */
export type GatewayAddress = Readonly<{
  url: string;
  /** Whether an `npm start` runs there; otherwise it is only the usual address. */
  isRunning: boolean;
  /** A sentence for the user, when an `npm start` has left its files behind. */
  note?: string;
}>;

/** The gateway of the `npm start` that runs on a DATA_DIR, or the usual address. */
export function findGateway(dataDir: string): GatewayAddress {
  const installation = findInstallation(dataDir);
  if (installation.kind === "running") return { url: installation.url, isRunning: true };
  if (installation.kind === "none") return { url: usualUrl, isRunning: false };
  const note = `The npm start on ${dataDir} (at ${installation.url}) has been killed, so ${usualUrl} is tried.`;
  return { url: usualUrl, isRunning: false, note };
}
