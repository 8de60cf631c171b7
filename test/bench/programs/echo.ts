// Answers whatever arrives with the same bytes, of a gateway's answer's size, without looking at it: what is left then
// is what the load generator and the sockets can do.
import { createServer } from "node:net";
import { reportReady, stopRequested } from "@onsale/service/supervision";

const body = JSON.stringify({ padding: "x".repeat(450) });
const answer = Buffer.from(
  `HTTP/1.1 202 Accepted\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
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
