import * as contractsAudit from "@onsale/contracts/audit";
import { Event, EventPage, NewEvent } from "@onsale/contracts/event";
import { Inventory, InventoryTotal } from "@onsale/contracts/inventory";
import { Order, OrderPage, Purchase } from "@onsale/contracts/order";
import { Problem } from "@onsale/contracts/problem";
import { Sale } from "@onsale/contracts/sale";
import * as contractsWebhook from "@onsale/contracts/webhook";
import { Ajv, type ErrorObject } from "ajv";
import formats from "ajv-formats";
import type { FastifyInstance, FastifySchemaValidationError } from "fastify";

const sharedSchemas = [
  ...[Problem, Event, EventPage, NewEvent, Inventory, InventoryTotal],
  ...[Order, OrderPage, Purchase, Sale, contractsAudit.Audit],
  ...[
    contractsWebhook.NewWebhook,
    contractsWebhook.WebhookChange,
    contractsWebhook.Webhook,
    contractsWebhook.WebhookPage,
  ],
  ...[contractsWebhook.CreatedWebhook, contractsWebhook.RotatedSecret, contractsWebhook.WebhookPayload],
  ...[
    contractsWebhook.Delivery,
    contractsWebhook.DeliveryPage,
    contractsWebhook.Redelivery,
    contractsWebhook.Redelivered,
  ],
];

/**
 * Makes the wire schemas known to the server and says how requests are held against them: a body must have the right
 * types as it is; a path or query is text, so there a number may be written as one. Defaults are filled in.
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
    // Headers are read by hand, with problems of their own; their schemas are there for the documentation.
    if (httpPart === "headers") return () => true;
    return (httpPart === "body" ? strict : coercing).compile(schema);
  });
}

/** Says where a fault is (a JSON Pointer into the body, or below `/query`, `/path` or `/headers`) and what it is. */
export function describeFault(fault: FastifySchemaValidationError | ErrorObject, context: string | undefined) {
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

/** RFC 6901; names from a request are cut, so that a problem stays small. */
function escapePointer(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

const yearMin = 1970;
const yearMax = 9999;

/** Whether a parsed time is a real one that PostgreSQL and RFC 3339 both hold. */
export function isUsableTime(time: Date): boolean {
  const year = time.getUTCFullYear();
  // Not for a time that is none, whose year is NaN.
  return year >= yearMin && year <= yearMax;
}

/** What is wrong with a time that is not. */
export const unusableTime = `must be a real time from ${yearMin} to ${yearMax}`;
