import { cancel, history } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };
const [, , id = "", ...ticketTypes] = process.argv;

// Gives back one ticket of each of these types, or all tickets of the order.
const items = ticketTypes.map((ticketType) => ({ ticketType, quantity: 1 }));
const some = items.length === 0 ? {} : { items };
const order = await cancel(client, id, { ...some, reason: "The buyer asked for it." });
console.log(`Order ${order.id} is ${order.status}.`);
for (const { from, to, reason } of await history(client, id)) console.log(`${from} to ${to}: ${reason ?? "no reason"}`);
