import type { App } from "../http/app-type.ts";
import { htmlType, renderPage } from "../http/page.ts";

export type ConsolePageParts = Readonly<{
  /** Hides the buttons that change something. */
  isReadOnly: boolean;
}>;

/** Serves the page in which the console's script (browser/main.ts) runs. */
export function registerConsolePage(app: App, { isReadOnly }: ConsolePageParts): void {
  const body = `<div id="console" data-read-only="${isReadOnly}"><p class="starting">Starting the console …</p></div>
<noscript>
  <p class="starting">The console needs JavaScript. The queues are at <a href="/queues/">/queues</a>.</p>
</noscript>`;
  const text = renderPage("Live console", body, ["main.ts"]);
  app.get("/", (_request, reply) => reply.type(htmlType).send(text));
}
