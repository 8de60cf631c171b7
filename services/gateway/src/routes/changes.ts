// The route of an event's changes: all transitions of its orders, for books that do without webhooks.
import { ChangePage } from "@onsale/contracts/order";
import { EventCode, Ref } from "@onsale/contracts/text";
import { cursorPattern, pageSizeMax } from "@onsale/contracts/values";
import { readChanges } from "@onsale/database/statements/transitions/read-history";
import { Type } from "typebox";
import { type Catalogue, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { App } from "../http/app-type.ts";
import { isCount } from "../http/page.ts";
import { routeProblems } from "../http/responses.ts";
import { validationProblem } from "../http/validation.ts";
import type { Lists } from "../lists/lists.ts";
import { presentTransition } from "../transitions/present-transition.ts";

export type ChangeRouteParts = Readonly<{ lists: Lists; catalogue: Catalogue }>;

export function registerChangeRoute(app: App, { lists, catalogue }: ChangeRouteParts): void {
  const schema = {
    tags: ["books"],
    operationId: "listOrderChanges",
    summary: "Read the transitions of an event's orders",
    description:
      "Each transition once, in an order that never changes: what a cursor has passed is never preceded by something " +
      "new. `nextCursor` is always given. When `content` is empty you have read everything so far: ask again later " +
      "with the same or the new cursor. A transition appears once all earlier ones of the event are committed, so an " +
      "undecided order holds back those that came after it.",
    params: Type.Object({ code: EventCode }),
    querystring: Type.Object(
      {
        after: Type.Optional(
          Type.String({
            pattern: cursorPattern,
            description: "The `nextCursor` of the answer before; without it, from the beginning.",
            examples: ["Y2hhbmdlcy40Mi43MTg"],
          }),
        ),
        size: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: pageSizeMax,
            default: 20,
            description: "Transitions at most.",
            examples: [100],
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: Ref(ChangePage), ...routeProblems("validation-failed", "event-not-found") },
  };
  app.get("/events/:code/changes", { schema, config: { scope: "orders:read", shedAt: 1 } }, async (request) => {
    const { code } = request.params;
    const { after, size = 20 } = request.query;
    const event = await requireCatalogueEvent(catalogue, request.accountId, code);
    const start = after === undefined ? 0 : parseCursor(after, event.id);
    if (start === undefined) {
      throw validationProblem([{ pointer: "/query/after", detail: "is not a cursor of this event's changes" }]);
    }
    const { transitions, through } = await lists.read(request.accountId, (db) =>
      readChanges(db, event.id, start, size),
    );
    return {
      content: transitions.map((row) => ({ orderId: row.orderId, ...presentTransition(row) })),
      nextCursor: formatCursor(event.id, through),
    };
  });
}

function formatCursor(eventId: number, through: number): string {
  return Buffer.from(`changes.${eventId}.${through}`).toString("base64url");
}

/** @returns undefined for a text that no answer about this event had */
function parseCursor(cursor: string, eventId: number): number | undefined {
  const [list, id, through, ...rest] = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  if (list !== "changes" || id !== String(eventId) || !isCount(through) || rest.length > 0) return undefined;
  return Number(through);
}
