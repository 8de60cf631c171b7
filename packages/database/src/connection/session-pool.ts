// A pool that replaces sessions which are alive but useless: a session stays read-only after a failover, or answers
// "cached plan must not change result type" for ever after a column's type was changed. A pool would hand it out again.
//
// A useless session makes all sessions of its pool suspect, so they are replaced together, each when it is used next.
// Faults of the whole server, such as memory that is used up, look the same in a new session, so a session younger than
// a second is kept with them, and at most once a second the whole pool is replaced. A read-only session has all
// sessions of the process replaced (process-sessions.ts).
import { EventEmitter } from "node:events";
import pg from "pg";
import { watchListening } from "../announcements/watch-listening.ts";
import { LostPrimaryError } from "./primary-client.ts";
import type { ProcessSessions } from "./process-sessions.ts";

/** What is known of the session behind a connection. */
export type Session = {
  readonly openedAtMs: number;
  /** Whether an answer of the server showed that further statements would fail as well. */
  isUseless: boolean;
};

const readOnly = "25006";
/** Read-only, out of memory, out of connections, over a limit: whatever session is used. */
const serverFaults = new Set([readOnly, "53000", "53200", "53300", "53400"]);
/** A plan that no longer fits; a session that timed out; a pooler that lost or doubled prepared statements. */
const sessionFaults = new Set(["0A000", "57P05", "26000", "42P05", "08P01"]);
/** The server ended the session. */
const sessionEnds = new Set(["57P01", "57P02", "57P03"]);
const replaceIntervalMs = 1_000;
const listeningHeartbeatMs = 5_000;

type ConnectCallback = (error: Error | undefined, client: pg.PoolClient | undefined, done: () => void) => void;

export class SessionPool extends pg.Pool {
  readonly #sessions = new WeakMap<object, Session>();
  readonly #ofProcess: ProcessSessions;
  /** How to end the watch of each client that a library keeps to listen. */
  readonly #listening = new Map<pg.PoolClient, () => void>();
  /** Sessions that were opened up to then are not used again. */
  #replacedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(config: pg.PoolConfig, ofProcess: ProcessSessions) {
    super(config);
    this.#ofProcess = ofProcess;
    this.on("connect", (client) => this.#watch(client));
    this.on("remove", (client) => {
      this.#listening.get(client)?.();
      this.#listening.delete(client);
    });
  }

  /** The session of a connection of this pool. */
  sessionOf(client: pg.PoolClient): Session {
    const known = this.#sessions.get(client);
    if (known !== undefined) return known;
    const session = { openedAtMs: performance.now(), isUseless: false };
    this.#sessions.set(client, session);
    return session;
  }

  /**
   * Takes a connection whose session is not useless; `use` makes what is returned. When the primary is no longer where
   * it was, it connects once more, and the second time the primary is looked for.
   */
  async acquire<T>(use: (client: pg.PoolClient) => T): Promise<T> {
    let hasLostPrimary = false;
    for (;;) {
      try {
        const client = await super.connect();
        if (this.#isUsable(client)) return use(client);
        client.release(true);
      } catch (error) {
        if (hasLostPrimary || !(error instanceof LostPrimaryError)) throw error;
        hasLostPrimary = true;
      }
    }
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return this.acquire((client) => client);
    this.acquire((client) => client).then(
      (client) => callback(undefined, client, client.release),
      (error: Error) => callback(error, undefined, () => undefined),
    );
    return undefined;
  }

  #isUsable(client: pg.PoolClient): boolean {
    const { openedAtMs, isUseless } = this.sessionOf(client);
    return !isUseless && openedAtMs > Math.max(this.#replacedUntilMs, this.#ofProcess.replacedUntilMs);
  }

  /** Reads the errors of all statements of a connection, whoever sends them: BullMQ uses a pool, too. */
  #watch(client: pg.PoolClient): void {
    const session = this.sessionOf(client);
    // The pool listens only while a connection is idle. While a library has one and sends nothing, such as BullMQ
    // between two statements, an error without a listener would end the process.
    client.on("error", () => {
      session.isUseless = true;
    });
    if (!("connection" in client && client.connection instanceof EventEmitter)) return;
    client.connection.on("errorMessage", ({ code = "" }: Readonly<{ code?: string }>) => this.#judge(session, code));
    client.connection.on("commandComplete", ({ text }: Readonly<{ text: string }>) => {
      if (text === "LISTEN") this.#watchListening(client);
    });
  }

  /** A session that listens is never taken again. Its keeper is told that it broke, and listens on another one. */
  #watchListening(client: pg.PoolClient): void {
    if (this.#listening.has(client)) return;
    const onUseless = (error: Error) => void client.emit("error", error);
    const watch = { sessions: this.#ofProcess, heartbeatMs: listeningHeartbeatMs, onUseless };
    this.#listening.set(client, watchListening(client, watch));
  }

  #judge(session: Session, code: string): void {
    const isOfServer = serverFaults.has(code);
    if (sessionEnds.has(code)) session.isUseless = true;
    if (!isOfServer && !sessionFaults.has(code)) return;
    const nowMs = performance.now();
    if (isOfServer && nowMs - session.openedAtMs < replaceIntervalMs) return;
    session.isUseless = true;
    if (code === readOnly) this.#ofProcess.replace();
    if (nowMs - this.#replacedUntilMs >= replaceIntervalMs) this.#replacedUntilMs = nowMs;
  }
}
