import { watchOrder } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };
const [, , id = ""] = process.argv;

for await (const order of watchOrder(client, id)) {
  if (order.queue === undefined) console.log(order.status);
  else console.log(`${order.status}: ${order.queue.ahead} orders are before yours.`);
}
