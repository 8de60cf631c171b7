// The back end of the page: a narrow way to Onsale. It keeps the API key, ties orders to the browser that bought them,
// and passes on only what a buyer of this event may ask for.
import { getEvent, getInventory } from "@onsale/client";
import type { Answer, Received } from "../http.ts";
import type { Shop } from "../parts.ts";
import { AccessCodeQuery, read } from "../schemas.ts";
import { handleCallback } from "../shop.ts";
import { isSameOrigin, securityHeaders } from "./guard.ts";
import { createGuessLimit, createStreamPlaces, type StreamPlaces } from "./limits.ts";
import { handleOrders, type OrderParts, tooManyGuesses } from "./orders.ts";
import { type PageFiles, readPageFiles } from "./page-files.ts";
import { answerError, problemAnswer } from "./problems.ts";
import { type SaleFeed, startSaleFeed } from "./sale-feed.ts";
import { createSessions } from "./sessions.ts";

/** The tabs of one browser share their streams, so that it needs few. */
const orderStreamsMax = 600;
const orderStreamsPerSessionMax = 6;
/** Of all buyers together: many of them may have one address. */
const saleStreamsMax = 1_000;

type Parts = OrderParts & Readonly<{ files: PageFiles; feed: SaleFeed; salePlaces: StreamPlaces }>;

/** @param secret signs the sessions */
export async function openStorefront(shop: Shop, secret: string, closing: AbortSignal) {
  const parts: Parts = {
    shop,
    sessions: createSessions(secret),
    limitGuesses: createGuessLimit(),
    orderPlaces: createStreamPlaces(orderStreamsMax, orderStreamsPerSessionMax),
    salePlaces: createStreamPlaces(saleStreamsMax, saleStreamsMax),
    files: await readPageFiles(shop.eventCode),
    feed: startSaleFeed(shop.client, shop.eventCode, closing),
  };
  return async (received: Received): Promise<Answer> => {
    const answer = (await handleCallback(shop, received)) ?? (await handlePage(parts, received).catch(answerError));
    return { ...answer, headers: { ...securityHeaders, ...answer.headers } };
  };
}

async function handlePage(parts: Parts, received: Received): Promise<Answer> {
  const { method, path, headers } = received;
  const { sessions, files } = parts;
  const isRead = method === "GET" || method === "HEAD";
  if (!isRead && !isSameOrigin(headers)) {
    return problemAnswer(403, "cross-site", "Tickets are bought on the pages of this shop only.");
  }
  const session = sessions.find(headers);
  if (isRead && path.length === 0) {
    const page = files.page();
    return session === undefined
      ? { ...page, headers: { ...page.headers, "set-cookie": sessions.create(headers) } }
      : page;
  }
  const [root, version, kind, code] = path;
  if (isRead && root === "assets") return files.asset(path.slice(1).join("/"), headers["if-none-match"]);
  if (root !== "api" || version !== "v1") return { status: 404 };
  if (kind === "orders") {
    const detail = "This browser has no session: load the page again, and allow its cookie.";
    return session === undefined ? problemAnswer(401, "no-session", detail) : handleOrders(parts, received, session);
  }
  if (!isRead || code !== parts.shop.eventCode) return { status: 404 };
  return handleEvent(parts, received);
}

const reads: Readonly<Record<string, typeof getEvent | typeof getInventory>> = {
  events: getEvent,
  inventory: getInventory,
};

/** The event, its stock and its stream, as Onsale's API has them. */
async function handleEvent(parts: Parts, received: Received): Promise<Answer> {
  const { shop, limitGuesses } = parts;
  const [, , kind = "", , ...others] = received.path;
  if (kind === "events" && others.join("/") === "stream") return streamSale(parts);
  const readAbout = reads[kind];
  if (readAbout === undefined || others.length > 0) return { status: 404 };
  const { accessCode } = read(AccessCodeQuery, Object.fromEntries(received.query));
  const signal = AbortSignal.timeout(10_000);
  const call = (): Promise<object> => readAbout(shop.client, shop.eventCode, { accessCode, signal });
  const found = await limitGuesses({ address: received.address, accessCode, call });
  return found === "too-many" ? tooManyGuesses() : { status: 200, body: found };
}

function streamSale({ feed, salePlaces }: Parts): Answer {
  const headers = { "content-type": "text/event-stream; charset=utf-8" };
  return {
    status: 200,
    headers,
    stream: async function* (gone) {
      const release = salePlaces("sale");
      if (release === undefined) return yield "retry: 5000\n\n";
      try {
        for await (const sale of feed.watch(gone)) yield `event: sale\ndata: ${JSON.stringify(sale)}\n\n`;
      } finally {
        release();
      }
    },
  };
}
