// Records which streams of Server-Sent Events a page opens, from its browser's network events.
import type { Page } from "puppeteer-core";

export type PageStreams = Readonly<{
  /** The open streams, as paths with queries. */
  open: () => string[];
  /** All streams that were requested so far, in their order. */
  requested: () => readonly string[];
  messageCount: () => number;
}>;

export async function recordStreams(page: Page): Promise<PageStreams> {
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  const openById = new Map<string, string>();
  const requested: string[] = [];
  let messageCount = 0;
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    const { pathname, search } = new URL(request.url);
    if (pathname !== "/api/stream") return;
    openById.set(requestId, `${pathname}${search}`);
    requested.push(`${pathname}${search}`);
  });
  session.on("Network.loadingFailed", ({ requestId }) => void openById.delete(requestId));
  session.on("Network.loadingFinished", ({ requestId }) => void openById.delete(requestId));
  session.on("Network.eventSourceMessageReceived", () => void messageCount++);
  return { open: () => [...openById.values()], requested: () => requested, messageCount: () => messageCount };
}
