import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import { projectFolder } from "../services/services.ts";
import { untilTrue } from "../until.ts";

export const haproxyConfig = join(projectFolder, "infra", "docker", "haproxy.cfg");

/** Replaces a text, and fails when it is missing. */
function replaced(text: string, old: string, by: string): string {
  if (!text.includes(old)) throw new Error(`there is no "${old}" in haproxy.cfg`);
  return text.replace(old, by);
}

type ProxyOptions = Readonly<{
  /** API_PROXIES: the proxies whose X-Forwarded-For is trusted. */
  apiProxies?: string;
  /** Replaces the configured time that a gateway may take to answer. */
  serverTimeout?: string;
}>;

/**
 * Starts HAProxy with this repository's configuration, with the addresses of a test's gateways, and returns its URL; it
 * is ended as cleanup.ts says.
 */
export async function startProxy(gatewayUrls: readonly string[], options: ProxyOptions = {}): Promise<string> {
  const { apiProxies, serverTimeout = "60s" } = options;
  const folder = mkdtempSync(join(tmpdir(), "onsale-haproxy-"));
  const address = `127.0.0.1:${await findFreePort()}`;
  const servers = gatewayUrls.map((url, index) => `server gateway-${index + 1} ${new URL(url).host}`);
  let config = readFileSync(haproxyConfig, "utf8");
  config = replaced(config, "bind :8080", `bind ${address}`);
  config = replaced(config, " resolvers names init-addr none", "");
  config = replaced(config, "server-template gateway- 16 gateway:8080", servers.join("\n  "));
  config = replaced(config, "timeout server 60s", `timeout server ${serverTimeout}`);
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, config);
  const env = { ...cleanEnvironment(), ...(apiProxies === undefined ? {} : { API_PROXIES: apiProxies }) };
  const proxy = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore", env });
  const exited = once(proxy, "exit");
  atEnd(async () => {
    proxy.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://${address}`;
  await untilTrue("the proxy has a gateway", async () => (await fetch(`${url}/readyz`)).ok);
  return url;
}
