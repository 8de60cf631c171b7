// An open crowd: buyers who come at a given rate, whether or not those before them have their answers.
import { setTimeout as delay } from "node:timers/promises";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { Pool } from "undici";
import { newKey } from "../../http/api.ts";

export type CrowdResult = Readonly<{
  /** The orders that were accepted, by their keys. */
  accepted: ReadonlyMap<string, string>;
  /** How often each answer came: the status, with the problem's code if there is one. */
  answers: ReadonlyMap<string, number>;
  /** Keys that were sent again and did not find their order. */
  lostKeys: readonly string[];
  /** How long each accepted purchase took to be answered. */
  answeredMs: readonly number[];
}>;

/** What matters of an order and of a problem. */
const answerBody = Compile(Type.Object({ id: Type.Optional(Type.String()), code: Type.Optional(Type.String()) }));
const tickMs = 10;
const connectionCount = 256;
/** Of more requests without an answer than this, no more are sent: the test's own memory has a limit, too. */
const openCountMax = 4_000;
/** Every so many requests, one repeats a key that has an order. */
const replayEvery = 20;

/** Sends `perSecond` purchases a second for some time, and waits for all answers. */
export async function sendOpenCrowd(
  urls: readonly string[],
  { eventCode, perSecond, seconds }: Readonly<{ eventCode: string; perSecond: number; seconds: number }>,
): Promise<CrowdResult> {
  const pools = urls.map((url) => new Pool(url, { connections: connectionCount }));
  const accepted = new Map<string, string>();
  const acceptedKeys: string[] = [];
  const answers = new Map<string, number>();
  const lostKeys: string[] = [];
  const answeredMs: number[] = [];
  const open = new Set<Promise<void>>();
  let sentCount = 0;

  async function send(pool: Pool, key: string): Promise<void> {
    const sentAtMs = performance.now();
    const { statusCode, headers, body } = await pool.request({
      method: "POST",
      path: "/api/v1/orders/purchase",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ eventCode, ticketType: "STANDARD", quantity: 1 }),
    });
    const answer = answerBody.Parse(await body.json());
    const whenMissing = statusCode === 503 && headers["retry-after"] === undefined ? " without Retry-After" : "";
    const name = answer.code === undefined ? String(statusCode) : `${statusCode} ${answer.code}${whenMissing}`;
    answers.set(name, (answers.get(name) ?? 0) + 1);
    const known = accepted.get(key);
    const hasOrder = statusCode === 200 || statusCode === 202;
    if (known !== undefined && (hasOrder ? answer.id !== known : answer.code === "queue-full")) lostKeys.push(key);
    if (known !== undefined || !hasOrder) return;
    accepted.set(key, answer.id ?? "");
    acceptedKeys.push(key);
    answeredMs.push(performance.now() - sentAtMs);
  }

  function sendNext(): void {
    const pool = pools[sentCount % pools.length];
    if (pool === undefined || open.size >= openCountMax) return;
    const again = sentCount % replayEvery === 0 ? acceptedKeys[sentCount % acceptedKeys.length] : undefined;
    sentCount++;
    const sending = send(pool, again ?? newKey()).catch((error) => {
      const name = `failed: ${error instanceof Error ? error.message : error}`;
      answers.set(name, (answers.get(name) ?? 0) + 1);
    });
    open.add(sending);
    void sending.finally(() => open.delete(sending));
  }

  const startedAtMs = performance.now();
  for (let due = 0; due < perSecond * seconds; ) {
    const elapsedMs = performance.now() - startedAtMs;
    for (const until = Math.min(perSecond * seconds, (perSecond * elapsedMs) / 1_000); due < until; due++) sendNext();
    await delay(tickMs);
  }
  await Promise.all(open);
  await Promise.all(pools.map((pool) => pool.close()));
  return { accepted, answers, lostKeys, answeredMs };
}
