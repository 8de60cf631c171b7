// Validates requests against the wire schemas, and describes their faults to clients.
import { Audit } from "@onsale/contracts/audit";
import { Event, EventPage, NewEvent } from "@onsale/contracts/event";
import { Inventory, InventoryTotal } from "@onsale/contracts/inventory";
import { Order, OrderPage, Purchase } from "@onsale/contracts/order";
import { Problem, type ValidationFault } from "@onsale/contracts/problem";
import { Sale } from "@onsale/contracts/sale";
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
import { Ajv, type ErrorObject } from "ajv";
import formats from "ajv-formats";
import type { FastifyInstance, FastifySchemaValidationError } from "fastify";
import { ProblemError } from "./problem-error.ts";

const sharedSchemas = [
  Problem,
  Event,
  EventPage,
  NewEvent,
  Inventory,
  InventoryTotal,
  Order,
  OrderPage,
  Purchase,
  Sale,
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
 * Registers the wire schemas and the validators. A body must have the types of its schema. Paths and queries are text,
 * so numbers in them are parsed. Defaults are filled in.
 */
export function registerValidation(app: FastifyInstance): void {
  const options = { useDefaults: true, allErrors: true, strict: false, validateFormats: true };
  const strict = new Ajv(options);
  const coercing = new Ajv({ ...options, coerceTypes: true });
  for (const ajv of [strict, coercing]) formats.default(ajv, ["date-time", "uuid"]);
  for (const schema of sharedSchemas) {
    app.addSchema(schema);
    strict.addSchema(schema);
  }
  app.setValidatorCompiler(({ schema, httpPart }) => {
    // Routes read headers by hand and answer problems of their own; header schemas are only for the documentation.
    if (httpPart === "headers") return () => true;
    return (httpPart === "body" ? strict : coercing).compile(schema);
  });
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
  return { pointer, detail: fault.message ?? "is not valid" };
}

/** RFC 6901. A name from a request is cut, so that a problem stays small. */
function escapePointer(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

const yearMin = 1970;
const yearMax = 9999;

/** Whether PostgreSQL and RFC 3339 can both represent a parsed time; false for an invalid one. */
export function isUsableTime(time: Date): boolean {
  // NaN for an invalid time.
  const year = time.getUTCFullYear();
  return year >= yearMin && year <= yearMax;
}

/** The fault of a time that is not usable. */
export const unusableTime = `must be a real time from ${yearMin} to ${yearMax}`;
