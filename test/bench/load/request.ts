// Renders requests as bytes. Each connection has one buffer, rendered once; each request changes only some digits in
// it.
import { eventCodeOf, type LoadPlan } from "./plan.ts";

/** The bytes of the request with this number; they are valid until the next call. */
export type RenderRequest = (requestNumber: number) => Buffer;

const eventIndexLength = 4;
const scrambledLength = 8;

/** Creates a renderer for one connection: its buffer is reused after each answer. */
export function createRenderer({ request, port }: LoadPlan): RenderRequest {
  const host = `host: 127.0.0.1:${port}\r\n`;
  if (request.kind === "get") {
    const rendered = request.paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${host}\r\n`));
    return (requestNumber) => {
      const bytes = rendered[requestNumber % rendered.length];
      if (bytes === undefined) throw new RangeError("a load of GETs needs a path");
      return bytes;
    };
  }

  const { hotTenths, hotIndex = 0, otherCount, keySuffix, keyCount = Number.MAX_SAFE_INTEGER, waitSeconds } = request;
  const body = JSON.stringify({ eventCode: eventCodeOf(hotIndex), ticketType: "STANDARD", quantity: 1 });
  const prefer = waitSeconds === undefined ? "" : `prefer: wait=${waitSeconds}\r\n`;
  const keyStart = "idempotency-key: ";
  const head =
    `POST /api/v1/orders/purchase HTTP/1.1\r\n${host}content-type: application/json\r\n` +
    `${keyStart}${"0".repeat(scrambledLength)}-${keySuffix}\r\n${prefer}content-length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  const keyAt = head.indexOf(keyStart) + keyStart.length;
  const eventAt = head.length + body.indexOf(eventCodeOf(hotIndex)) + eventCodeOf(hotIndex).length - eventIndexLength;
  const isOneEvent = hotTenths === 10;

  return (requestNumber) => {
    const scrambled = scramble(requestNumber % keyCount);
    bytes.write(scrambled.toString(16).padStart(scrambledLength, "0"), keyAt, "latin1");
    if (!isOneEvent) {
      const index = eventIndexOf(requestNumber, hotTenths, otherCount) || hotIndex;
      bytes.write(String(index).padStart(eventIndexLength, "0"), eventAt, "latin1");
    }
    return bytes;
  };
}

/** 0 for the hot event; the others, from 1 to `otherCount`, are equally frequent. */
export function eventIndexOf(requestNumber: number, hotTenths: number, otherCount: number): number {
  const tenth = requestNumber % 10;
  if (tenth < hotTenths) return 0;
  const otherNumber = Math.floor(requestNumber / 10) * (10 - hotTenths) + (tenth - hotTenths);
  return 1 + (otherNumber % otherCount);
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
