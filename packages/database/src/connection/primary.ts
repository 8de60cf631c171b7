// Knows which of several servers is the primary. While a server is known to take writes, connections are opened to it
// and nothing else is asked. When one of them fails, all servers are asked at once, and the first that takes writes is
// known from then on; callers who come meanwhile wait for the same answer. With fencing, which is the task of the
// failover manager, there is never more than one such server.
import type { DatabaseServer } from "@onsale/config/database-url";
import { errorCode } from "../errors.ts";
import { noPrimary } from "./no-primary.ts";

export type Primary = Readonly<{
  /** @throws NoPrimaryError when no server takes writes */
  find: () => Promise<DatabaseServer>;
  /** Tells that a server that was found cannot be used; the next call of `find` asks all of them. */
  forget: (server: DatabaseServer) => void;
}>;

/** A server that can be reached and takes no writes. */
export class NoWritesError extends Error {
  override name = "NoWritesError";
}

/** Says of each server that was asked why it cannot be used. */
export class NoPrimaryError extends Error {
  override name = "NoPrimaryError";
  /** That of a server's answer, such as a refused login, when all of them answered: one that is away may be better. */
  readonly code: string | undefined;

  constructor(failures: readonly Failure[]) {
    super(`${noPrimary}: ${failures.map(({ server, error }) => `${server.name} ${whyNot(error)}`).join(", ")}`);
    const errors = failures.map(({ error }) => error);
    const haveAnswered = errors.every((error) => error instanceof NoWritesError || isAnswer(error));
    this.code = haveAnswered ? errors.find(isAnswer)?.code : undefined;
  }
}

type Failure = Readonly<{ server: DatabaseServer; error: unknown }>;

export type PrimaryOptions = Readonly<{
  /** Resolves when a server takes writes, and rejects with the reason why it cannot be used. */
  ask: (server: DatabaseServer) => Promise<void>;
  /** Called when the primary that was found is not the one that was found before. */
  onMoved: () => void;
}>;

/** @param servers at least one */
export function createPrimary(servers: readonly DatabaseServer[], { ask, onMoved }: PrimaryOptions): Primary {
  let known: DatabaseServer | undefined;
  let previous: DatabaseServer | undefined;
  let asking: Promise<DatabaseServer> | undefined;

  async function askAll(): Promise<DatabaseServer> {
    const failures: (Failure | undefined)[] = servers.map(() => undefined);
    const answers = servers.map(async (server, index) => {
      try {
        await ask(server);
        return server;
      } catch (error) {
        failures[index] = { server, error };
        throw error;
      }
    });
    const found = await Promise.any(answers)
      .catch(() => {
        throw new NoPrimaryError(failures.filter((failure) => failure !== undefined));
      })
      .finally(() => {
        asking = undefined;
      });
    known = found;
    const hasMoved = previous !== undefined && previous !== found;
    previous = found;
    if (hasMoved) onMoved();
    return found;
  }

  return {
    find: async () => {
      if (known !== undefined) return known;
      asking ??= askAll();
      return asking;
    },
    forget: (server) => {
      if (known === server) known = undefined;
    },
  };
}

/**
 * Whether a server answered with an error of the login or of its limits, which is no reason to look for another one.
 * Class 57 is a server that starts or stops.
 */
export function isAnswer(error: unknown): error is Error & { code: string } {
  return /^(?!57)(?=.*\d)[0-9A-Z]{5}$/.test(errorCode(error));
}

function whyNot(error: unknown): string {
  if (error instanceof NoWritesError) return error.message;
  const code = errorCode(error);
  if (code === "ECONNREFUSED") return "refuses connections";
  if (code === "ENOTFOUND") return "has an unknown name";
  const message = error instanceof Error ? error.message : String(error);
  if (message === "timeout expired") return "does not answer in time";
  return /^57/.test(code) || isAnswer(error) ? `answers "${message}"` : `fails: ${message || code}`;
}
