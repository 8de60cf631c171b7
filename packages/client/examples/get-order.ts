import { getOrder } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };
const [, , id = ""] = process.argv;

const order = await getOrder(client, id);
const tickets = order.items.map(({ quantity, ticketType }) => `${quantity} ${ticketType}`);
console.log(`${tickets.join(", ")}: ${order.status}`);
