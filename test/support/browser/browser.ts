// Runs a script in a page of a real browser. A server on one origin serves the page and forwards /api/ to a gateway.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { text } from "node:stream/consumers";
import { atEnd } from "../cleanup.ts";

const programs = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/** The path of Chromium; undefined where none is installed. */
export const browserProgram: string | undefined = programs.find((file) => existsSync(file));

type Page = Readonly<{
  /** The source of a module, which calls `report(value)` with its result. */
  script: string;
  /** The folder that is served at `/client/`. */
  modules: string;
  gatewayUrl: string;
}>;

/** Opens the page in a headless browser. Resolves with what it reports, or with the error that it throws. */
export async function runPage(program: string, page: Page): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const server = createServer(async (incoming, response) => {
    const path = incoming.url ?? "/";
    if (path.startsWith("/api/")) forward(incoming, response, page.gatewayUrl);
    else if (path === "/report") resolve(JSON.parse(await text(incoming)));
    else if (path.startsWith("/client/")) {
      const file = join(page.modules, path.slice("/client/".length));
      response.writeHead(existsSync(file) ? 200 : 404, { "content-type": "text/javascript" });
      response.end(existsSync(file) ? readFileSync(file) : "");
    } else response.writeHead(200, { "content-type": "text/html" }).end(html(page.script));
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
  const failed = exited.then(() => Promise.reject(new Error("the browser exited before its page reported anything")));
  return Promise.race([promise, failed]);
}

function html(script: string): string {
  return `<!doctype html><script type="module">
const report = (value) => fetch("/report", { method: "POST", body: JSON.stringify(value) });
addEventListener("error", (event) => report({ error: String(event.message) }));
addEventListener("unhandledrejection", (event) => report({ error: String(event.reason) }));
${script}</script>`;
}

function forward(incoming: IncomingMessage, response: ServerResponse, gatewayUrl: string): void {
  const { method, headers, url = "/" } = incoming;
  const outgoing = request(new URL(url, gatewayUrl), { method, headers }, (upstream) => {
    response.writeHead(upstream.statusCode ?? 502, upstream.headers);
    // An answer that breaks off does so for the page, too.
    pipeline(upstream, response, () => undefined);
  });
  outgoing.on("error", () => response.destroy());
  response.on("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
