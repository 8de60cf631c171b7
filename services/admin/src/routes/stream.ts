import { Type } from "typebox";
import { findSession, type Sessions } from "../access/sessions.ts";
import { type StreamClients, streamClientCountMax } from "../console/stream-clients.ts";
import { HttpError } from "../errors/http-error.ts";
import type { App } from "../http/app-type.ts";
import { EventId } from "../http/parameters.ts";

const Query = Type.Object({ event: Type.Optional(EventId) });

export type StreamRouteParts = Readonly<{ streamClients: StreamClients; sessions: Sessions }>;

/** The stream of Server-Sent Events that keeps a console page up to date. */
export function registerStreamRoute(app: App, { streamClients, sessions }: StreamRouteParts): void {
  const refuseWhenFull = () => {
    if (streamClients.count() < streamClientCountMax) return;
    throw new HttpError(503, "Too many people are watching; close a window.");
  };
  // An EventSource does not say why its stream was refused; the page learns it here. guard-requests.ts has checked the
  // session.
  app.get("/api/session", (_request, reply) => {
    refuseWhenFull();
    return reply.code(204).send();
  });

  const options = { schema: { querystring: Query }, exposeHeadRoute: false };
  app.get("/api/stream", options, (request, reply) => {
    const session = findSession(request, sessions);
    if (session === undefined) throw new HttpError(401, "Log in first, at /login.");
    refuseWhenFull();
    const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...Object.fromEntries(headers),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      // Keeps nginx from buffering the stream.
      "x-accel-buffering": "no",
    });
    streamClients.add(raw, request.query.event, () => sessions.isValid(session, Date.now()));
  });
}
