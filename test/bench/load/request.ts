// Renders requests as bytes. Each connection has one buffer, rendered once; each request changes only some digits in
// it.
import { basePath } from "@onsale/contracts/values";
import { eventCodeOf, type LoadPlan, type PurchasePlan, type RequestPlan, type TransitionPlan } from "./plan.ts";

/** The bytes of the request with this number; they are valid until the next call. */
export type RenderRequest = (requestNumber: number) => Buffer;

const eventIndexLength = 4;
const scrambledLength = 8;
const customerStart = "customer-";
/** Overwritten with the id of an order. */
const idPlaceholder = "00000000-0000-0000-0000-000000000000";

/** Creates a renderer for one connection: its buffer is reused after each answer. */
export function createRenderer({ request, port }: LoadPlan): RenderRequest {
  return rendererOf(request, `host: 127.0.0.1:${port}\r\n`);
}

function rendererOf(request: RequestPlan, host: string): RenderRequest {
  switch (request.kind) {
    case "get":
      return renderGets(request.paths, host);
    case "purchase":
      return renderPurchases(request, host);
    case "transition":
      return renderTransitions(request, host);
    case "alternate": {
      const purchase = renderPurchases(request.purchase, host);
      const transition = renderTransitions(request.transition, host);
      return (requestNumber) => (requestNumber % 2 === 0 ? purchase : transition)(Math.floor(requestNumber / 2));
    }
  }
}

function renderGets(paths: readonly string[], host: string): RenderRequest {
  const rendered = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${host}\r\n`));
  return (requestNumber) => {
    const bytes = rendered[requestNumber % rendered.length];
    if (bytes === undefined) throw new RangeError("a load of GETs needs a path");
    return bytes;
  };
}

function renderPurchases(plan: PurchasePlan, host: string): RenderRequest {
  const {
    hotTenths,
    hotIndex = 0,
    otherCount,
    keySuffix,
    keyCount = Number.MAX_SAFE_INTEGER,
    waitSeconds,
    hold,
    namesCustomers = false,
  } = plan;
  const order = { eventCode: eventCodeOf(hotIndex), ticketType: "STANDARD", quantity: 1 };
  const customer = namesCustomers ? { customerRef: `${customerStart}${"0".repeat(scrambledLength)}` } : {};
  const body = JSON.stringify({ ...order, ...customer, ...(hold === true ? { hold } : {}) });
  const prefer = waitSeconds === undefined ? "" : `prefer: wait=${waitSeconds}\r\n`;
  const keyStart = "idempotency-key: ";
  const key = `${keyStart}${"0".repeat(scrambledLength)}-${keySuffix}\r\n`;
  const head = renderHead(`${basePath}/orders/purchase`, host, `${key}${prefer}`, body);
  const bytes = Buffer.from(head + body);
  const keyAt = head.indexOf(keyStart) + keyStart.length;
  const eventAt = head.length + body.indexOf(eventCodeOf(hotIndex)) + eventCodeOf(hotIndex).length - eventIndexLength;
  const customerAt = head.length + body.indexOf(customerStart) + customerStart.length;
  const isOneEvent = hotTenths === 10;

  return (requestNumber) => {
    const scrambled = scramble(requestNumber % keyCount);
    bytes.write(scrambled.toString(16).padStart(scrambledLength, "0"), keyAt, "latin1");
    if (namesCustomers) {
      const customer = scramble(customerOf(requestNumber));
      bytes.write(customer.toString(16).padStart(scrambledLength, "0"), customerAt, "latin1");
    }
    if (!isOneEvent) {
      const index = eventIndexOf(requestNumber, hotTenths, otherCount) || hotIndex;
      bytes.write(String(index).padStart(eventIndexLength, "0"), eventAt, "latin1");
    }
    return bytes;
  };
}

function renderTransitions({ action, orderIds }: TransitionPlan, host: string): RenderRequest {
  const body = action === "confirm" ? JSON.stringify({ paymentReference: `pay-${idPlaceholder}` }) : "{}";
  const text = renderHead(`${basePath}/orders/${idPlaceholder}/${action}`, host, "", body) + body;
  const bytes = Buffer.from(text);
  const places = [...text.matchAll(new RegExp(idPlaceholder, "g"))].map(({ index }) => index);
  return (requestNumber) => {
    const id = orderIds[requestNumber];
    if (id === undefined) throw new RangeError("every order of a load of transitions has been used");
    for (const place of places) bytes.write(id, place, "latin1");
    return bytes;
  };
}

function renderHead(path: string, host: string, headers: string, body: string): string {
  const start = `POST ${path} HTTP/1.1\r\n${host}content-type: application/json\r\n`;
  return `${start}${headers}content-length: ${body.length}\r\n\r\n`;
}

/** 0 for the hot event; the others, from 1 to `otherCount`, are equally frequent. */
export function eventIndexOf(requestNumber: number, hotTenths: number, otherCount: number): number {
  const tenth = requestNumber % 10;
  if (tenth < hotTenths) return 0;
  const otherNumber = Math.floor(requestNumber / 10) * (10 - hotTenths) + (tenth - hotTenths);
  return 1 + (otherNumber % otherCount);
}

/** Each tenth order is the second one of a customer who ordered 100 orders before. */
function customerOf(requestNumber: number): number {
  return requestNumber % 10 === 9 && requestNumber > 100 ? requestNumber - 101 : requestNumber;
}

/**
 * Maps numbers to pseudo-random ones, each to a different one, because clients send random keys, and an index insert
 * costs more with random keys than with rising ones. It is the finalizer of MurmurHash3, a bijection of 32-bit numbers.
 */
export function scramble(number: number): number {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
