import { createServer } from "node:net";

// Below the ports that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere). One of those
// could be taken by any connection between our finding it and our listening, or while a child is being restarted.
// Redis Cluster adds 10,000 to a port for its bus, which must stay below them too.
const lowestPort = 10_000;
const highestPort = 22_000;
const attemptCountMax = 100;
/**
 * Each process begins at a place of its own. Two that are started together, and look at the same time, would else now and
 * then find the same port: between finding it and listening there lies the start of a child.
 */
const portsPerProcess = 16;
const portCount = highestPort - lowestPort;

let askedCount = 0;

/**
 * Finds a TCP port of this machine that nobody uses at this moment; each call another one.
 *
 * @throws Error when a hundred of them are taken
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
