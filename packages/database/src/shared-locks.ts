// Advisory locks that are held, shared, on a session of their own, for work that lasts longer than a transaction may.
// The server frees the locks of a process that ends. A process that only loses the session is told, because from then
// on its work is no longer announced to those who wait for the locks.
import type pg from "pg";
import { createConnection, type DatabaseOptions } from "./client.ts";
import { lostSession } from "./lost-session.ts";

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
  }>;

type Session = Readonly<{ client: Promise<pg.Client>; lose: (error: Error) => void }>;

export function createSharedLocks({ onLost, ...options }: SharedLocksOptions): SharedLocks {
  let session: Session | undefined;

  function open(): Session {
    const { client: connecting, connect } = createConnection(options);
    const client = connect().then(() => connecting);
    const lose = (error: Error) => {
      if (session !== opened) return;
      session = undefined;
      onLost(error);
      void connecting.end().catch(() => undefined);
    };
    const opened = { client, lose };
    connecting.on("error", lose);
    connecting.on("end", () => lose(new Error(lostSession.locksEnded)));
    return opened;
  }

  /** A session runs one statement at a time. */
  let last: Promise<unknown> = Promise.resolve();

  function ask({ client, lose }: Session, statement: string, key: LockKey): Promise<boolean> {
    const answer = Promise.all([client, last]).then(async ([connected]) => {
      const { rows } = await connected.query<{ ok: boolean }>(statement, [key.lockClass, key.lockNumber]);
      return rows[0]?.ok === true;
    });
    last = answer.catch(lose);
    return answer;
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
      const client = await closing?.client.catch(() => undefined);
      await client?.end();
    },
  };
}
