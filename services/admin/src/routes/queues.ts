// Pauses and releases queues, and forgets their failed jobs.
import type { Boards } from "@onsale/queue/boards";
import { Type } from "typebox";
import { HttpError } from "../errors/http-error.ts";
import type { App } from "../http/app-type.ts";

const Params = Type.Object({
  name: Type.String({ maxLength: 100 }),
  action: Type.Enum(["pause", "release", "remove-failed"]),
});

export type QueueRouteParts = Readonly<{ boards: Boards }>;

export function registerQueueRoutes(app: App, { boards }: QueueRouteParts): void {
  app.post("/api/queues/:name/:action", { schema: { params: Params } }, async (request, reply) => {
    const { name, action } = request.params;
    const isKnown = await boards.act(name, action).catch((cause: unknown) => {
      request.log.warn({ err: cause, queue: name, action }, "a queue could not be changed");
      throw new HttpError(503, "The queues do not answer at the moment; try again in some seconds.");
    });
    if (!isKnown) throw new HttpError(404, "There is no queue of this name.");
    return reply.code(204).send();
  });
}
