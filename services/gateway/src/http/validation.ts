// Validates requests against the wire schemas, and describes their faults to clients.
import { AccessCode, AccessCodePage, CreatedAccessCode, NewAccessCodes } from "@onsale/contracts/access-code";
import { Activity, ActivityPage } from "@onsale/contracts/activity";
import { Audit } from "@onsale/contracts/audit";
import { ExportEnd, SalesReport } from "@onsale/contracts/books";
import { Forgotten } from "@onsale/contracts/customer";
import { Event, EventChange, EventPage, NewEvent } from "@onsale/contracts/event";
import { EventCancellation, EventCancellationRequest } from "@onsale/contracts/event-cancellation";
import { Inventory, InventoryTotal, StockMove } from "@onsale/contracts/inventory";
import {
  Cancellation,
  Change,
  ChangePage,
  Confirmation,
  Extension,
  Order,
  OrderPage,
  Purchase,
  Transition,
} from "@onsale/contracts/order";
import { Problem, type ValidationFault } from "@onsale/contracts/problem";
import { Sale } from "@onsale/contracts/sale";
import { isRfc3339Time, isUsableTime, unusableTime } from "@onsale/contracts/time";
import { textRules } from "@onsale/contracts/values";
import {
  CreatedWebhook,
  Delivery,
  DeliveryPage,
  NewWebhook,
  Redelivered,
  Redelivery,
  RotatedSecret,
  Webhook,
  WebhookChange,
  WebhookPage,
  WebhookPayload,
} from "@onsale/contracts/webhook";
import { Ajv, type ErrorObject, type Options, type Schema, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import type { FastifyInstance, FastifySchemaValidationError } from "fastify";
import { ProblemError } from "./problem-error.ts";

const sharedSchemas = [
  Problem,
  Event,
  EventPage,
  NewEvent,
  EventChange,
  Activity,
  ActivityPage,
  EventCancellation,
  EventCancellationRequest,
  Inventory,
  InventoryTotal,
  StockMove,
  NewAccessCodes,
  AccessCode,
  AccessCodePage,
  CreatedAccessCode,
  Order,
  OrderPage,
  Purchase,
  Confirmation,
  Cancellation,
  Extension,
  Transition,
  Change,
  ChangePage,
  Forgotten,
  Sale,
  SalesReport,
  ExportEnd,
  Audit,
  NewWebhook,
  WebhookChange,
  Webhook,
  WebhookPage,
  CreatedWebhook,
  RotatedSecret,
  WebhookPayload,
  Delivery,
  DeliveryPage,
  Redelivery,
  Redelivered,
];

/**
 * The most values in a request whose faults are all reported. Of a larger one only the first fault is: looking for all
 * of them took up to 200 ms of the process's only thread with a body of 16 KiB.
 */
const explainedValuesMax = 300;

/**
 * Registers the wire schemas and the validators. A body must have the types of its schema. Paths and queries are text,
 * so numbers in them are parsed. Defaults are filled in.
 */
export function registerValidation(app: FastifyInstance): void {
  for (const schema of sharedSchemas) app.addSchema(schema);
  app.addHook("preValidation", (request, _reply, done) => {
    if (request.routeOptions.config.isBodyOptional === true) request.body ??= {};
    done();
  });
  const compileBody = createCompiler({});
  const compileText = createCompiler({ coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    // Routes read headers by hand and answer problems of their own; header schemas are only for the documentation.
    if (httpPart === "headers") return () => true;
    return (httpPart === "body" ? compileBody : compileText)(schema);
  });
}

/**
 * Makes validators that stop at the first fault, and then look for all faults of a small value. Each is compiled for the
 * first request that needs it: compiling all of them took an eighth of a gateway's start time.
 */
function createCompiler(options: Options) {
  let first: Ajv | undefined;
  let all: Ajv | undefined;
  return (schema: Schema) => {
    let findFirst: ValidateFunction | undefined;
    let findAll: ValidateFunction | undefined;
    return (value: unknown) => {
      first ??= createAjv(options);
      findFirst ??= first.compile(schema);
      if (findFirst(value)) return true;
      if (countValues(value, explainedValuesMax) >= explainedValuesMax) return { error: findFirst.errors ?? [] };
      all ??= createAjv({ ...options, allErrors: true });
      findAll ??= all.compile(schema);
      return findAll(value) || { error: findAll.errors ?? [] };
    };
  };
}

function createAjv(options: Options): Ajv {
  // The schemas are ours: a test validates the document that is made of them, so that no start has to.
  const own = { useDefaults: true, strict: false, validateFormats: true, validateSchema: false } as const;
  const ajv = new Ajv({ ...options, ...own });
  formats.default(ajv, ["uuid"]);
  ajv.addFormat("date-time", isRfc3339Time);
  for (const schema of sharedSchemas) ajv.addSchema(schema);
  return ajv;
}

/** How many values a value from JSON contains, itself included; stops counting at `max`. */
function countValues(value: unknown, max: number): number {
  const unread: unknown[] = [value];
  let count = 0;
  while (unread.length > 0 && count < max) {
    const next = unread.pop();
    count++;
    if (typeof next !== "object" || next === null) continue;
    const children = Object.values(next);
    if (children.length >= max) return max;
    for (const child of children) unread.push(child);
  }
  return count;
}

/** The problem of a request with these faults; its detail names the first one. */
export function validationProblem(faults: readonly ValidationFault[]): ProblemError {
  const [first] = faults;
  const detail = first === undefined ? "The request does not match its schema." : `${first.pointer} ${first.detail}.`;
  return new ProblemError("validation-failed", detail.trimStart(), { faults });
}

/** Describes a fault, and where it is: a JSON Pointer into the body, or below `/query`, `/path` or `/headers`. */
export function describeFault(
  fault: FastifySchemaValidationError | ErrorObject,
  context: string | undefined,
): ValidationFault {
  const { params } = fault;
  const child = [params.additionalProperty, params.missingProperty].find((name) => typeof name === "string");
  const place = { querystring: "/query", params: "/path", headers: "/headers" }[context ?? ""] ?? "";
  const pointer = `${place}${fault.instancePath}${child === undefined ? "" : `/${escapePointer(child)}`}`;
  if (fault.keyword === "additionalProperties") return { pointer, detail: "is not a known field" };
  if (fault.keyword === "required") return { pointer, detail: "is required" };
  if (fault.keyword === "enum" && Array.isArray(params.allowedValues)) {
    return { pointer, detail: `must be one of ${params.allowedValues.join(", ")}` };
  }
  return { pointer, detail: describeText(fault) ?? fault.message ?? "is not valid" };
}

/** What a text must be, by the pattern or format that it does not match. */
function describeText({ keyword, params }: FastifySchemaValidationError | ErrorObject): string | undefined {
  if (keyword === "pattern") return textRules.get(String(params.pattern));
  if (keyword === "format" && params.format === "date-time") return timeRule;
  return undefined;
}

const timeRule =
  "must be a time as in RFC 3339, with T and an offset, such as 2026-12-01T19:00:00Z or 2026-12-01T20:00:00+01:00";

/** RFC 6901. A name from a request is cut, so that a problem stays small. */
function escapePointer(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Parses a time of a body, and adds a fault when it is not usable. */
export function readTime(text: string, pointer: string, faults: ValidationFault[]): Date;
export function readTime(
  text: string | null | undefined,
  pointer: string,
  faults: ValidationFault[],
): Date | null | undefined;
export function readTime(text: string | null | undefined, pointer: string, faults: ValidationFault[]) {
  if (text == null) return text;
  const time = new Date(text);
  if (!isUsableTime(time)) faults.push({ pointer, detail: unusableTime });
  return time;
}
