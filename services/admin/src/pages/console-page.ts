import { page } from "./page.ts";

/** The console before its script has drawn it. */
export function consolePage(isReadOnly: boolean): string {
  const body = `<div id="console" data-read-only="${isReadOnly}"><p class="starting">Starting the console …</p></div>
<noscript><p class="starting">The console needs JavaScript. The queues are at <a href="/queues/">/queues</a>.</p></noscript>`;
  return page("Live console", body, ["main.ts"]);
}
