import { createServer } from "node:net";

// Below the ports that systems use for outgoing connections (from 32768 on Linux, from 49152 elsewhere). A connection
// could take one of those before the program that got it listens, or while a child restarts.
// Redis Cluster adds 10,000 to a port for its bus, which must stay below them, too. The lowest one is above the last
// port that the Fetch standard blocks (10080), because no browser would open a console there.
const lowestPort = 10_100;
const highestPort = 22_000;
const attemptCountMax = 100;
/**
 * Each process begins its search at another port. Otherwise two processes that search at the same time would sometimes
 * find the same port: it stays free until the child that gets it has started.
 */
const portsPerProcess = 16;
const portCount = highestPort - lowestPort;

let askedCount = 0;

/**
 * Finds a TCP port of this machine that no program listens on now. Each call finds another one.
 *
 * @throws Error when 100 ports in a row are taken
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptCountMax; attempt += 1) {
    const port = lowestPort + ((process.pid * portsPerProcess + askedCount++) % portCount);
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free port between ${lowestPort} and ${highestPort}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
