// Answers every request with the same bytes, of the size of a gateway's answer, without parsing the request. Its speed
// is the limit of the load generator and the sockets.
import { createServer } from "node:net";
import { reportReady, stopRequested } from "@onsale/service/supervision";

const body = JSON.stringify({ padding: "x".repeat(450) });
const answer = Buffer.from(
  "HTTP/1.1 202 Accepted\r\ncontent-type: application/json; charset=utf-8\r\n" +
    `content-length: ${body.length}\r\n\r\n${body}`,
);

const stop = stopRequested();
const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => undefined);
  // A request is smaller than a packet of the loopback interface, and a connection has one in flight.
  socket.on("data", () => socket.write(answer));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") reportReady(`http://127.0.0.1:${address.port}`);
});
await stop;
process.exit(0);
