import type { FastifyReply, FastifyRequest } from "fastify";
import { parseSession, type Session, type Sessions, writeSession } from "./sessions.ts";

const cookieName = "onsale_admin";
const cookieOptions = { path: "/", httpOnly: true, sameSite: "strict", signed: true } as const;

/** The session of a request, when it has one that holds. */
export function findSession(request: FastifyRequest, sessions: Sessions): Session | undefined {
  const { valid, value } = request.unsignCookie(request.cookies[cookieName] ?? "");
  const session = valid ? parseSession(value) : undefined;
  return session !== undefined && sessions.isValid(session, Date.now()) ? session : undefined;
}

/** Gives the browser a session. Over TLS, which ends before this service, the cookie is for TLS only. */
export function openSession(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  const secure = request.headers["x-forwarded-proto"] === "https";
  reply.setCookie(cookieName, writeSession(session), { ...cookieOptions, secure, expires: new Date(session.endsAtMs) });
}

export function closeSession(reply: FastifyReply): void {
  reply.clearCookie(cookieName, { path: cookieOptions.path });
}
