// Routes of an event's access codes: makes, lists and revokes them.
import { AccessCode, AccessCodePage, CreatedAccessCode, NewAccessCodes } from "@onsale/contracts/access-code";
import { PageQuery } from "@onsale/contracts/page";
import { EventCode, Ref } from "@onsale/contracts/text";
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { capabilities } from "@onsale/database/statements/operations/lowest-capability";
import {
  type AccessCodeRow,
  countAccessCodes,
  createAccessCodes,
  listAccessCodes,
  revokeAccessCode,
} from "@onsale/database/statements/rules/access-codes";
import type { Metrics } from "@onsale/observability/metrics";
import { hashAccessCode, hintOf, makeAccessCode } from "@onsale/security/access-code";
import { Type } from "typebox";
import { type Catalogue, type CatalogueEvent, requireCatalogueEvent } from "../catalogue/catalogue.ts";
import type { App } from "../http/app-type.ts";
import { isCount, readPageQuery } from "../http/page.ts";
import { ProblemError } from "../http/problem-error.ts";
import { bodyProblems, routeProblems } from "../http/responses.ts";
import { validationProblem } from "../http/validation.ts";
import type { Lists } from "../lists/lists.ts";
import { keyMissingProblem } from "../purchase/access-codes.ts";
import type { Capability } from "../purchase/capability.ts";
import { rulesProblem } from "../purchase/rule-problems.ts";
import { unknownType } from "../purchase/terms.ts";

export type AccessCodeRouteParts = Readonly<{
  db: Db;
  lists: Lists;
  catalogue: Catalogue;
  capability: Pick<Capability, "require">;
  customerKey: Buffer | undefined;
  metrics: Metrics;
}>;

const tags = ["access codes"];
const byCode = Type.Object({ code: EventCode });

export function registerAccessCodeRoutes(app: App, parts: AccessCodeRouteParts): void {
  registerCreate(app, parts);
  registerList(app, parts);
  registerRevoke(app, parts);
}

function registerCreate(app: App, parts: AccessCodeRouteParts): void {
  const { db, catalogue, capability, customerKey, metrics } = parts;
  const retries = metrics.counter("db_transaction_retries_total");
  const schema = {
    tags,
    operationId: "createAccessCodes",
    summary: "Make access codes",
    description:
      "One code that you choose, or as many as `count` says, made up of 80 random bits. Only hashes are stored, so this " +
      "answer is the only one that has the codes.",
    params: byCode,
    body: Ref(NewAccessCodes),
    response: {
      201: Type.Array(Ref(CreatedAccessCode)),
      ...routeProblems(
        ...bodyProblems,
        "event-not-found",
        "ticket-type-not-found",
        "event-cancelled",
        "access-code-exists",
        "upgrade-in-progress",
        "customer-key-missing",
      ),
    },
  };
  app.post("/events/:code/access-codes", { schema, config: { scope: "events:write" } }, async (request, reply) => {
    const { accountId, actor, body } = request;
    if (customerKey === undefined) throw keyMissingProblem();
    capability.require(capabilities.rules);
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    const codes = readCodes(body, event);
    const { ticketTypes, maxUses, maxPerOrder = null } = body;
    const owner = { accountId, eventId: event.id, eventCode: event.code, actor };
    const rows = codes.map((code) => {
      return { digest: hashAccessCode(customerKey, code), hint: hintOf(code), ticketTypes, maxUses, maxPerOrder };
    });
    const create = () =>
      db.transaction().execute(async (tx) => {
        const created = await createAccessCodes(tx, owner, rows);
        if (created === null) throw new ProblemError("access-code-exists", "The event has this access code already.");
        return created;
      });
    const created = await withContentionRetries(create, (sqlstate) => retries.inc({ sqlstate })).catch((error) => {
      throw rulesProblem(error);
    });
    catalogue.forget(accountId, event.code);
    return reply.code(201).send(created.map((row, index) => ({ ...presentCode(row), code: codes[index] ?? "" })));
  });
}

/** The codes that a request asks for. */
function readCodes({ code, count, ticketTypes }: NewAccessCodes, event: CatalogueEvent): string[] {
  if ((code === undefined) === (count === undefined)) {
    throw validationProblem([{ pointer: "/code", detail: "must be given, or else count" }]);
  }
  const unknown = ticketTypes.find((ticketType) => !event.ticketTypes.has(ticketType));
  if (unknown !== undefined) throw unknownType(event, unknown);
  return code === undefined ? Array.from({ length: count ?? 0 }, makeAccessCode) : [code];
}

function registerList(app: App, { lists, catalogue }: AccessCodeRouteParts): void {
  const schema = {
    tags,
    operationId: "listAccessCodes",
    summary: "List an event's access codes, the newest first",
    params: byCode,
    querystring: Type.Object(PageQuery, { additionalProperties: false }),
    response: { 200: Ref(AccessCodePage), ...routeProblems("validation-failed", "event-not-found") },
  };
  app.get("/events/:code/access-codes", { schema, config: { scope: "events:write", shedAt: 1 } }, async (request) => {
    const { accountId } = request;
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    const page = readPageQuery(request.query, ["access-codes", event.id], parsePosition);
    return lists.readPage(accountId, page, {
      read: (listDb, start, count) => listAccessCodes(listDb, event.id, start, count),
      count: (listDb) => countAccessCodes(listDb, event.id),
      present: presentCode,
      positionOf: ({ id }) => [id],
    });
  });
}

function registerRevoke(app: App, { db, catalogue, metrics }: AccessCodeRouteParts): void {
  const retries = metrics.counter("db_transaction_retries_total");
  const schema = {
    tags,
    operationId: "revokeAccessCode",
    summary: "Revoke an access code",
    description: "Orders that used it keep their tickets; those that are still pending are rejected.",
    params: Type.Object({ code: EventCode, id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
    response: {
      200: Ref(AccessCode),
      ...routeProblems("validation-failed", "event-not-found", "access-code-not-found"),
    },
  };
  app.delete("/events/:code/access-codes/:id", { schema, config: { scope: "events:write" } }, async (request) => {
    const { accountId, actor } = request;
    const event = await requireCatalogueEvent(catalogue, accountId, request.params.code);
    const owner = { accountId, eventId: event.id, eventCode: event.code, actor };
    const revoke = () =>
      db.transaction().execute(async (tx) => {
        const row = await revokeAccessCode(tx, owner, request.params.id);
        // Rolls back: locking an event that has no rules makes it one that has.
        if (row === undefined) throw new ProblemError("access-code-not-found", "The event has no such access code.");
        return row;
      });
    return presentCode(await withContentionRetries(revoke, (sqlstate) => retries.inc({ sqlstate })));
  });
}

function parsePosition([id, ...rest]: readonly string[]) {
  return isCount(id) && rest.length === 0 ? { afterId: Number(id) } : null;
}

function presentCode({ createdAt, revokedAt, ...row }: AccessCodeRow): AccessCode {
  return { ...row, createdAt: createdAt.toISOString(), revokedAt: revokedAt?.toISOString() ?? null };
}
