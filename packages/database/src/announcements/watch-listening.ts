// Watches a session that is kept, because it listens or holds locks. A connection to a vanished server fails only when
// something is sent over it, and a failover can leave the session open to the old primary, where nobody sends
// notifications or asks for the locks.
import type pg from "pg";
import { lostSession } from "../connection/lost-session.ts";
import type { ProcessSessions } from "../connection/process-sessions.ts";

export type ListeningWatch = Readonly<{
  /** What the session shares with the others of its process. */
  sessions: ProcessSessions;
  /** Milliseconds between two statements that find out whether it still answers, and leads to a primary. */
  heartbeatMs: number;
  /** Told once why the session must be given up. */
  onUseless: (error: Error) => void;
  /** Runs a statement when those that were sent over the session before have ended; for a session that has others. */
  inTurn?: <T>(run: () => Promise<T>) => Promise<T>;
}>;

/** Starts to watch, and returns a function that ends it. */
export function watchListening(client: pg.ClientBase, watch: ListeningWatch): () => void {
  const { sessions, heartbeatMs, onUseless, inTurn = (run) => run() } = watch;
  let isAsking = false;
  let isOver = false;

  const end = () => {
    isOver = true;
    clearInterval(heartbeat);
    unsubscribe();
  };
  const giveUp = (error: Error) => {
    if (isOver) return;
    end();
    onUseless(error);
  };
  const ask = async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      if (await inTurn(() => isReadOnly(client))) sessions.replace();
    } catch (error) {
      giveUp(error instanceof Error ? error : new Error(String(error)));
    }
    isAsking = false;
  };
  const heartbeat = setInterval(() => void ask(), heartbeatMs);
  const unsubscribe = sessions.onReplaced(() => {
    giveUp(new Error(lostSession.replaced));
  });
  return end;
}

/** Whether the session leads to a replica, or to a database that was made read-only. */
async function isReadOnly(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ isReadOnly: boolean }>(
    `SELECT current_setting('transaction_read_only')::bool AS "isReadOnly"`,
  );
  return rows[0]?.isReadOnly ?? false;
}
