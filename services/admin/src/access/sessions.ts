// Who is logged in has a cookie with a session's name and end, signed by this service. Its key comes from the password:
// so sessions outlive a restart, hold at every admin process of an installation, and end when the password is changed.
// A session that was logged out of is remembered until its end, by the process that was told.
import { hash, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";

export type Session = Readonly<{ id: string; endsAtMs: number }>;

const sessionMs = 12 * 60 * 60_000;
const endedCountMax = 10_000;
const user = "admin";

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(password: string) {
  const ended = new LRUCache<string, true>({ max: endedCountMax });
  return {
    /** Signs the cookies. */
    key: scryptSync(password, "onsale-admin-session", 32),

    /** Takes the same time whatever is wrong. */
    isRight: (givenUser: string, givenPassword: string): boolean => {
      const isUser = isEqual(givenUser, user);
      return isEqual(givenPassword, password) && isUser;
    },

    create: (nowMs: number): Session => ({ id: randomBytes(16).toString("base64url"), endsAtMs: nowMs + sessionMs }),

    isValid: ({ id, endsAtMs }: Session, nowMs: number): boolean => {
      return endsAtMs > nowMs && endsAtMs <= nowMs + sessionMs && !ended.has(id);
    },

    end: ({ id }: Session): void => {
      ended.set(id, true);
    },
  };
}

/** A session as the cookie has it. */
export function writeSession({ id, endsAtMs }: Session): string {
  return `${endsAtMs}-${id}`;
}

/** @returns undefined for what is no session */
export function parseSession(text: string): Session | undefined {
  const match = /^(\d{1,15})-([\w-]{22})$/.exec(text);
  if (match === null) return undefined;
  const [, endsAt = "", id = ""] = match;
  return { id, endsAtMs: Number(endsAt) };
}

function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}
