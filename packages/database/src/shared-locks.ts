// Advisory locks that are held, shared, on a session of their own, for work that lasts longer than a transaction may.
// The server frees the locks of a process that ends. A process that only loses the session is told, because from then
// on its work is no longer announced to those who wait for the locks. A session that leads to an old primary after a
// failover is lost, too: it still answers, but those who wait ask the new one.
import type pg from "pg";
import { watchListening } from "./announcements/watch-listening.ts";
import { createConnection, type DatabaseOptions } from "./client.ts";
import { lostSession } from "./connection/lost-session.ts";
import { ProcessSessions } from "./connection/process-sessions.ts";

/** The two parts of an advisory lock's key: what is locked, and which one. */
export type LockKey = Readonly<{ lockClass: number; lockNumber: number }>;

export type SharedLocks = Readonly<{
  /**
   * Takes a lock, which others may share.
   *
   * @returns false when another session holds it exclusively
   * @throws when PostgreSQL cannot be reached
   */
  take: (key: LockKey) => Promise<boolean>;
  /** Gives a lock back; does nothing when it was lost. Never throws. */
  giveBack: (key: LockKey) => Promise<void>;
  close: () => Promise<void>;
}>;

export type SharedLocksOptions = Omit<DatabaseOptions, "connectionCountMax" | "onIdleError"> &
  Readonly<{
    /** Told that the session has ended, and with it all locks. The next `take` opens another session. */
    onLost: (error: Error) => void;
    /** Milliseconds between two checks whether the session is still good; 5 s by default. */
    heartbeatMs?: number;
  }>;

type Session = Readonly<{ client: Promise<pg.Client>; lose: (error: Error) => void; endWatch: () => void }>;

const defaultHeartbeatMs = 5_000;

export function createSharedLocks({ onLost, ...options }: SharedLocksOptions): SharedLocks {
  const { sessions = new ProcessSessions(), heartbeatMs = defaultHeartbeatMs } = options;
  let session: Session | undefined;

  function open(): Session {
    const { client: connecting, connect } = createConnection(options);
    const client = connect().then(() => connecting);
    const lose = (error: Error) => {
      if (session !== opened) return;
      session = undefined;
      endWatch();
      onLost(error);
      // A client that is still connecting cannot be ended before it has connected.
      const end = () => connecting.end();
      void client.then(end, end).catch(() => undefined);
    };
    const inTurn = <T>(run: () => Promise<T>) => client.then(() => runInTurn(run));
    const endWatch = watchListening(connecting, { sessions, heartbeatMs, onUseless: lose, inTurn });
    const opened = { client, lose, endWatch };
    connecting.on("error", lose);
    connecting.on("end", () => lose(new Error(lostSession.locksEnded)));
    return opened;
  }

  let last: Promise<unknown> = Promise.resolve();

  /** A session runs one statement at a time. */
  function runInTurn<T>(run: () => Promise<T>): Promise<T> {
    const answer = last.then(run);
    last = answer.catch(() => undefined);
    return answer;
  }

  async function ask(asked: Session, statement: string, key: LockKey): Promise<boolean> {
    try {
      const connected = await asked.client;
      // A lock of a session that was lost while it was opened would be held by nobody.
      if (session !== asked) throw new Error(lostSession.locksEnded);
      const values = [key.lockClass, key.lockNumber];
      const { rows } = await runInTurn(() => connected.query<{ ok: boolean }>(statement, values));
      return rows[0]?.ok === true;
    } catch (error) {
      asked.lose(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  return {
    take: (key) => {
      session ??= open();
      return ask(session, "SELECT pg_try_advisory_lock_shared($1::int, $2::int) AS ok", key);
    },
    giveBack: async (key) => {
      if (session === undefined) return;
      const statement = "SELECT pg_advisory_unlock_shared($1::int, $2::int) AS ok";
      await ask(session, statement, key).catch(() => undefined);
    },
    close: async () => {
      const closing = session;
      session = undefined;
      closing?.endWatch();
      const client = await closing?.client.catch(() => undefined);
      await client?.end();
    },
  };
}
