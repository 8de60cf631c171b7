// Chooses and checks the ports that `npm start` listens on, before it starts anything.
import { createServer } from "node:net";
import type { StandaloneConfig } from "./config.ts";
import { findFreePort } from "./free-port.ts";

export type Ports = Readonly<{ gateway: number; admin: number }>;

const usualAdminPort = 8081;

/** @throws the error of listening, such as EADDRINUSE; Error when two services would have the same port */
export async function choosePorts(config: StandaloneConfig): Promise<Ports> {
  const gateway = config.port === 0 ? await findFreePort() : config.port;
  await checkPortIsFree(config.host, gateway);
  return { gateway, admin: await chooseAdminPort(config, gateway) };
}

/** ADMIN_PORT, which must be free; without it the usual port, or any free port when the usual one is taken. */
async function chooseAdminPort({ adminHost, adminPort }: StandaloneConfig, gatewayPort: number): Promise<number> {
  if (adminPort === 0) return findFreePort();
  if (adminPort !== undefined) {
    if (adminPort === gatewayPort) throw new Error(`ADMIN_PORT and PORT are both ${adminPort}; choose another one`);
    await checkPortIsFree(adminHost, adminPort);
    return adminPort;
  }
  const isFree = checkPortIsFree(adminHost, usualAdminPort).then(
    () => usualAdminPort !== gatewayPort,
    () => false,
  );
  return (await isFree) ? usualAdminPort : findFreePort();
}

/** Gateways can share a port; without this check those of two installations would do so unnoticed. */
function checkPortIsFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
