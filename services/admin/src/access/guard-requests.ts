// Checks every request before its route runs, also those of Bull Board: a request that changes something must come from
// a page of this service, read-only mode refuses all changes, and everything but the login needs a session.
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { HttpError } from "../errors/http-error.ts";
import { wantsHtml } from "../errors/respond.ts";
import type { App } from "../http/app-type.ts";
import { htmlType } from "../http/page.ts";
import { findSession, type Sessions } from "./sessions.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);
/** These need no session; somebody whose session has ended can still log out. */
const loginPaths = /^\/(login|logout)$/;
/** These need no session: they are the published source and hold no secrets. */
const assetPaths = /^\/assets\//;

export type GuardParts = Readonly<{
  sessions: Sessions;
  /** Refuses every change but logging in and out. */
  isReadOnly: boolean;
}>;

export function guardRequests(app: App, { sessions, isReadOnly }: GuardParts): void {
  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split(/[?#]/, 1)[0] ?? "";
    const isChange = !safeMethods.has(request.method);
    if (isChange && !isSameOrigin(request.headers)) {
      throw new HttpError(403, "Changes are made on the pages of this service only; this request came from elsewhere.");
    }
    const hasSession = findSession(request, sessions) !== undefined;
    if (isChange && hasSession && !loginPaths.test(path)) {
      if (isReadOnly) throw new HttpError(403, "This service is read-only: it was started with ADMIN_READ_ONLY=1.");
      request.log.info({ method: request.method, path, address: request.ip }, "the admin changes something");
    }
    if (hasSession || loginPaths.test(path) || assetPaths.test(path)) return;
    if (request.method !== "GET" || !wantsHtml(request)) throw new HttpError(401, "Log in first, at /login.");
    if (isCrossSiteNavigation(request)) return reloadPage(reply);
    return reply.redirect("/login", 303);
  });
}

/**
 * Whether a page of this server made a request, and not another site with the user's cookie. Browsers say so in
 * `Sec-Fetch-Site`. Over plain HTTP to another machine they do not send it; then `Origin` must name the host of the
 * request. A request with neither is refused: no browser sends one. The order is that of Go's
 * `http.CrossOriginProtection`.
 */
export function isSameOrigin({ host, origin, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === "same-origin";
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

/**
 * Browsers do not send the cookie when a link on another site, such as one in an alert, leads here: it is
 * SameSite=Strict. A page that reloads itself makes the request again from this site, with the cookie.
 */
function isCrossSiteNavigation({ headers }: FastifyRequest): boolean {
  return headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] === "navigate";
}

function reloadPage(reply: FastifyReply): FastifyReply {
  const page = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0"><title>Onsale</title></html>';
  return reply.type(htmlType).send(page);
}
