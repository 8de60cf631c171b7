// A page in a real browser, served together with a gateway's API as a web server would do it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { atEnd } from "../cleanup.ts";

const programs = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/** A Chromium, where there is one. */
export const browserProgram: string | undefined = programs.find((file) => existsSync(file));

type Page = Readonly<{
  /** The text of a module, which says what it found with `report(value)`. */
  script: string;
  /** Where `/client/` is. */
  modules: string;
  gatewayUrl: string;
}>;

/** Opens the page in a browser without a window, and resolves with what it reports, or the error that it meets. */
export async function runPage(program: string, page: Page): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const server = createServer(async (incoming, answer) => {
    const path = incoming.url ?? "/";
    if (path.startsWith("/api/")) forward(incoming, answer, page.gatewayUrl);
    else if (path === "/report") resolve(JSON.parse(await text(incoming)));
    else if (path.startsWith("/client/")) {
      const file = join(page.modules, path.slice("/client/".length));
      answer.writeHead(existsSync(file) ? 200 : 404, { "content-type": "text/javascript" });
      answer.end(existsSync(file) ? readFileSync(file) : "");
    } else answer.writeHead(200, { "content-type": "text/html" }).end(html(page.script));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page's server listens on no port");
  const profile = mkdtempSync(join(tmpdir(), "onsale-browser-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`];
  const browser = spawn(program, [...flags, `http://127.0.0.1:${address.port}/`], { stdio: "ignore" });
  const exited = once(browser, "exit");
  atEnd(async () => {
    browser.kill("SIGKILL");
    await exited;
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  const gone = exited.then(() => Promise.reject(new Error("the browser ended before its page said anything")));
  return Promise.race([promise, gone]);
}

function html(script: string): string {
  return `<!doctype html><script type="module">
const report = (value) => fetch("/report", { method: "POST", body: JSON.stringify(value) });
addEventListener("error", (event) => report({ error: String(event.message) }));
addEventListener("unhandledrejection", (event) => report({ error: String(event.reason) }));
${script}</script>`;
}

function forward(incoming: IncomingMessage, answer: ServerResponse, gatewayUrl: string): void {
  const { method, headers, url = "/" } = incoming;
  const outgoing = request(new URL(url, gatewayUrl), { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on("error", () => answer.destroy());
  answer.on("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
