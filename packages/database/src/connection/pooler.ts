// Recognises a pooler such as PgBouncer between this process and PostgreSQL. Sessions of ours have settings, prepared
// statements and LISTEN, so they need a server connection of their own, from their start-up parameters on.
import { sql } from "kysely";
import type { Db } from "../client.ts";
import { errorCode } from "../errors.ts";

export const throughPooler =
  "a pooler such as PgBouncer is between this process and PostgreSQL, and does not keep sessions apart or drops " +
  "their settings";
export const insteadOfPooler = "let DATABASE_URL name PostgreSQL itself";

class PoolerError extends Error {
  override name = "PoolerError";
}

/** PgBouncer refuses start-up parameters, and in transaction mode a prepared statement is missing or there twice. */
export function isOfPooler(error: unknown): boolean {
  if (error instanceof PoolerError) return true;
  const code = errorCode(error);
  if (code === "26000" || code === "42P05") return true;
  return code === "08P01" && error instanceof Error && error.message.includes("startup parameter");
}

/** @throws an error that `isOfPooler` recognises, when a pooler dropped the settings of the session */
export async function requirePinnedSession(db: Db): Promise<void> {
  const { rows } = await sql<{ pinned: string | null }>`
    SELECT current_setting('onsale.pinned', true) AS pinned`.execute(db);
  if (rows[0]?.pinned !== "on") throw new PoolerError(throughPooler);
}
