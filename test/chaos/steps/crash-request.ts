// What a test tells a service that has crash-on-request.ts loaded, and what that writes before it dies.
import { type Failpoint, failpoints } from "@onsale/lifecycle/failpoints";

/** The step at which to die; `time` counts from 1 how often it is reached. */
export type CrashRequest = Readonly<{ crashAt: Failpoint; time: number }>;

/** As a message. */
export const crashText = ({ crashAt, time }: CrashRequest) => `${crashAt}:${time}`;

/** @throws Error when it is no such message */
export function readCrashRequest(message: unknown): CrashRequest {
  const [, name, time] = /^([a-z.-]+):([1-9][0-9]*)$/.exec(String(message)) ?? [];
  const crashAt = failpoints.find((known) => known === name);
  if (crashAt === undefined) throw new Error(`there is no failpoint in the message ${JSON.stringify(message)}`);
  return { crashAt, time: Number(time) };
}

/** The line of the log that proves the crash. */
export const crashLine = (name: Failpoint) => `a test ends this process at ${name}`;
