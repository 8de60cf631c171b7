import { Type } from "typebox";
import { findSession } from "../access/session-cookie.ts";
import { watcherCountMax } from "../console/watchers.ts";
import { Refusal } from "../errors/http-error.ts";
import { EventId } from "../errors/parameters.ts";
import type { App, Parts } from "../parts.ts";

const Query = Type.Object({ event: Type.Optional(EventId) });

/** The one stream that a browser needs. */
export function registerStreamRoute(app: App, { watchers, sessions }: Parts): void {
  const requireRoom = () => {
    if (watchers.count() >= watcherCountMax) throw new Refusal(503, "Too many people are watching; close a window.");
  };
  // Asked by a browser whose stream was refused, because the stream itself cannot tell it why. Whoever is here has a
  // session.
  app.get("/api/session", (_request, reply) => {
    requireRoom();
    return reply.code(204).send();
  });

  const options = { schema: { querystring: Query }, exposeHeadRoute: false };
  app.get("/api/stream", options, (request, reply) => {
    const session = findSession(request, sessions);
    if (session === undefined) throw new Refusal(401, "Log in first, at /login.");
    requireRoom();
    const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...Object.fromEntries(headers),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      // Proxies that gather answers would hold messages back.
      "x-accel-buffering": "no",
    });
    watchers.add(raw, request.query.event, () => sessions.isValid(session, Date.now()));
  });
}
