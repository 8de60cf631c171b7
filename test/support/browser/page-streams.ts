// Which streams of Server-Sent Events a page has open, by what its browser tells of the network.
import type { Page } from "puppeteer-core";

export type PageStreams = Readonly<{
  /** Paths with queries, of those that are open. */
  open: () => string[];
  /** Of all that were asked for until now, in their order. */
  asked: () => readonly string[];
  messageCount: () => number;
}>;

export async function noteStreams(page: Page): Promise<PageStreams> {
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  const openById = new Map<string, string>();
  const asked: string[] = [];
  let messageCount = 0;
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    const { pathname, search } = new URL(request.url);
    if (pathname !== "/api/stream") return;
    openById.set(requestId, `${pathname}${search}`);
    asked.push(`${pathname}${search}`);
  });
  session.on("Network.loadingFailed", ({ requestId }) => void openById.delete(requestId));
  session.on("Network.loadingFinished", ({ requestId }) => void openById.delete(requestId));
  session.on("Network.eventSourceMessageReceived", () => void messageCount++);
  return { open: () => [...openById.values()], asked: () => asked, messageCount: () => messageCount };
}
