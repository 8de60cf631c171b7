// What a gateway knows of a client by its connection: how many connections its address has, and whether it is a proxy
// that is trusted.
import type { Socket } from "node:net";
import { createThrottle } from "@onsale/lifecycle/throttle";
import { addressGroup, createAddressMatcher } from "@onsale/security/client-address";
import type { App } from "./app-type.ts";

export type ClientConnectionOptions = Readonly<{
  /** Addresses and networks of proxies whose `X-Forwarded-For` is trusted. */
  trustProxy: readonly string[];
  /** Connections that one address may have at a time; undefined for no limit. */
  connectionsPerAddressMax?: number | undefined;
  /** Called for each connection whose `X-Forwarded-For` is ignored. */
  onForwardedIgnored?: () => void;
}>;

const warnPauseMs = 60 * 60_000;

/**
 * Closes connections beyond the maximum of their address at once, as Node does beyond `CONNECTIONS_MAX`. The /64
 * network of an IPv6 address counts as one address. Trusted proxies have no maximum: they connect for all clients.
 * Warns, at most once an hour, of the first such address, and of `X-Forwarded-For` from an address that is not trusted:
 * behind a proxy that TRUST_PROXY does not name, all clients share the limits of the proxy's address.
 */
export function registerClientConnections(app: App, options: ClientConnectionOptions): void {
  const isTrusted = createAddressMatcher(options.trustProxy);
  const { connectionsPerAddressMax, onForwardedIgnored } = options;
  if (connectionsPerAddressMax !== undefined) limitConnections(app, connectionsPerAddressMax, isTrusted);

  const warn = createThrottle(
    (address: string) => {
      const text = "X-Forwarded-For is ignored: it came from an address that TRUST_PROXY does not name";
      app.log.warn({ address }, text);
    },
    { pauseMs: warnPauseMs },
  );
  const checked = new WeakSet<Socket>();
  app.addHook("onRequest", ({ raw: { headers, socket } }, _reply, done) => {
    if (headers["x-forwarded-for"] !== undefined && !checked.has(socket)) {
      checked.add(socket);
      const { remoteAddress = "" } = socket;
      if (!isTrusted(remoteAddress)) {
        warn(remoteAddress);
        onForwardedIgnored?.();
      }
    }
    done();
  });
}

function limitConnections(app: App, max: number, isTrusted: (address: string) => boolean): void {
  const counts = new Map<string, number>();
  const warn = createThrottle(
    (address: string) => {
      app.log.warn({ address }, `connections are closed: an address has CONNECTIONS_PER_ADDRESS_MAX (${max}) of them`);
    },
    { pauseMs: warnPauseMs },
  );
  app.server.on("connection", (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isTrusted(remoteAddress)) return;
    const group = addressGroup(remoteAddress);
    const count = counts.get(group) ?? 0;
    if (count >= max) {
      warn(group);
      socket.destroy();
      return;
    }
    counts.set(group, count + 1);
    socket.once("close", () => {
      const left = (counts.get(group) ?? 1) - 1;
      if (left === 0) counts.delete(group);
      else counts.set(group, left);
    });
  });
}
