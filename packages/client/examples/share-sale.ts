// For a page; all its tabs share one connection. Node runs it too, with a connection of its own.
import { shareSale } from "@onsale/client";

const client = { baseUrl: "http://127.0.0.1:8080" };

for await (const { inventory } of shareSale(client, "EVNT-ROCK-2025", { onError: console.warn })) {
  for (const { ticketType, available } of inventory) console.log(`${ticketType}: ${available} left`);
}
