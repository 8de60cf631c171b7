// API keys as the console shows them: what is stored of them, which is not the keys themselves.
import type { NamedApiKey } from "@onsale/database/statements/access/list-newest-api-keys";
import type { KeyLine, KeyState } from "../messages/key-messages.ts";

/** @param nowMs the present time */
export function presentKey(row: NamedApiKey, nowMs: number): KeyLine {
  const { id, name, accountName, scopes } = row;
  return {
    id,
    name,
    accountName,
    scopes,
    state: stateOf(row, nowMs),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

function stateOf({ revokedAt, expiresAt }: NamedApiKey, nowMs: number): KeyState {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt.getTime() <= nowMs ? "expired" : "valid";
}
