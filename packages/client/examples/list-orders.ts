import { listOrders } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };

for await (const order of listOrders(client, { event: "EVNT-ROCK-2025", status: "CONFIRMED" })) {
  for (const { quantity, ticketType } of order.items) console.log(`${order.id}: ${quantity} ${ticketType}`);
}
