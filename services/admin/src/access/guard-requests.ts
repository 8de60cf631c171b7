// What every request has to pass before any route sees it, those of Bull Board included: who changes something must come
// from our own pages, nothing changes in read-only mode, and nobody sees anything without a session.
import type { FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../errors/http-error.ts";
import { wantsPage } from "../errors/respond.ts";
import type { App, Parts } from "../parts.ts";
import { isSameOrigin } from "./same-origin.ts";
import { findSession } from "./session-cookie.ts";

const readingMethods = new Set(["GET", "HEAD", "OPTIONS"]);
/** For whoever is not logged in, or not any more. */
const loggingPaths = /^\/(login|logout)$/;
/** Have no secrets: they are what the project publishes. */
const assetPaths = /^\/assets\//;

export function guardRequests(app: App, { sessions, isReadOnly }: Pick<Parts, "sessions" | "isReadOnly">): void {
  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split(/[?#]/, 1)[0] ?? "";
    const isChange = !readingMethods.has(request.method);
    if (isChange && !isSameOrigin(request.headers)) {
      throw new Refusal(403, "Changes are made on the pages of this service only; this request came from elsewhere.");
    }
    const isKnown = findSession(request, sessions) !== undefined;
    if (isChange && isKnown && !loggingPaths.test(path)) {
      if (isReadOnly) throw new Refusal(403, "This service is read-only: it was started with ADMIN_READ_ONLY=1.");
      request.log.info({ method: request.method, path, address: request.ip }, "the admin changes something");
    }
    if (isKnown || loggingPaths.test(path) || assetPaths.test(path)) return;
    if (request.method !== "GET" || !wantsPage(request)) throw new Refusal(401, "Log in first, at /login.");
    if (isFollowedFromElsewhere(request)) return reloadPage(reply);
    return reply.redirect("/login", 303);
  });
}

/**
 * The cookie does not come along with a link on another site, such as one in an alert. The page that asks for itself once
 * more, from this site, gets it.
 */
function isFollowedFromElsewhere({ headers }: FastifyRequest): boolean {
  return headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] === "navigate";
}

function reloadPage(reply: FastifyReply): FastifyReply {
  const page = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0"><title>Onsale</title></html>';
  return reply.type("text/html; charset=utf-8").send(page);
}
