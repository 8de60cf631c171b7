// The types of what the server sends to the view of API keys. Types only: the browser never loads this file.

export type KeyState = "valid" | "expired" | "revoked";

export type KeyLine = Readonly<{
  id: string;
  name: string;
  accountName: string;
  scopes: readonly string[];
  state: KeyState;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  /** To the minute. */
  lastUsedAt: string | null;
}>;

/** The newest keys first. */
export type KeyPage = Readonly<{ keys: readonly KeyLine[]; next: string | null }>;

/** What a new key can have. */
export type KeyChoices = Readonly<{
  /** Names of accounts, the oldest first. */
  accounts: readonly string[];
  /** `isUsual`: unless somebody chooses otherwise, a new key has it. */
  scopes: readonly Readonly<{ name: string; allows: string; isUsual: boolean }>[];
}>;

/** The answer to a change of a key: what was done, in a sentence. */
export type KeyChanged = Readonly<{ message: string }>;

/** The only answer that has a key. */
export type CreatedKey = KeyChanged & Readonly<{ key: string }>;
