// A proxy before a gateway that answers some requests itself.
import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";

/** Passes on the requests for which `intercept` returns false. */
export async function startFaultyProxy(
  target: string,
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<string> {
  const server = createServer((request, response) => {
    if (intercept(request, response)) return;
    const { host: _host, ...headers } = request.headers;
    const passed = send(`${target}${request.url}`, { method: request.method ?? "GET", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  return listen(server);
}

/** @returns where the server listens on loopback; it is closed as cleanup.ts says */
export async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  await untilTrue("it listens", () => server.listening);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
