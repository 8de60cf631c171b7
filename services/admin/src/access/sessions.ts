// A login session is a signed cookie with a random id and an end. The signing key is derived from the password: so
// sessions outlive a restart, are valid at every admin process of an installation, and end when the password changes.
// A logout is remembered until the session's end, but only by the process that received it.
import { hash, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";

export type Session = Readonly<{ id: string; endsAtMs: number }>;

const sessionMs = 12 * 60 * 60_000;
const endedCountMax = 10_000;
/** The only user. */
export const userName = "admin";

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(password: string) {
  const ended = new LRUCache<string, true>({ max: endedCountMax });
  return {
    /** Signs the cookies. */
    key: scryptSync(password, "onsale-admin-session", 32),

    /** Takes the same time whichever of the two is wrong. */
    areCredentialsValid: (givenUser: string, givenPassword: string): boolean => {
      const isUser = isEqual(givenUser, userName);
      return isEqual(givenPassword, password) && isUser;
    },

    create: (nowMs: number): Session => ({ id: randomBytes(16).toString("base64url"), endsAtMs: nowMs + sessionMs }),

    /** A session that ends later than a new one would was created under a wrong clock, and is not valid. */
    isValid: ({ id, endsAtMs }: Session, nowMs: number): boolean => {
      return endsAtMs > nowMs && endsAtMs <= nowMs + sessionMs && !ended.has(id);
    },

    end: ({ id }: Session): void => {
      ended.set(id, true);
    },
  };
}

/** Compares in constant time, whatever the lengths. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}

/** Encodes a session as the cookie's value, before the signature. */
export function writeSession({ id, endsAtMs }: Session): string {
  return `${endsAtMs}-${id}`;
}

/** @returns undefined when `text` is no session */
export function parseSession(text: string): Session | undefined {
  const match = /^(\d{1,15})-([\w-]{22})$/.exec(text);
  if (match === null) return undefined;
  const [, endsAt = "", id = ""] = match;
  return { id, endsAtMs: Number(endsAt) };
}

const cookieName = "onsale_admin";
const cookieOptions = { path: "/", httpOnly: true, sameSite: "strict", signed: true } as const;

/** @returns the session of a request's cookie; undefined when there is none or it is not valid */
export function findSession(request: FastifyRequest, sessions: Sessions): Session | undefined {
  const { valid, value } = request.unsignCookie(request.cookies[cookieName] ?? "");
  const session = valid ? parseSession(value) : undefined;
  return session !== undefined && sessions.isValid(session, Date.now()) ? session : undefined;
}

/** Sets the session cookie. Behind a proxy that speaks TLS, browsers send the cookie over TLS only. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  const secure = request.headers["x-forwarded-proto"] === "https";
  reply.setCookie(cookieName, writeSession(session), { ...cookieOptions, secure, expires: new Date(session.endsAtMs) });
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(cookieName, { path: cookieOptions.path });
}
