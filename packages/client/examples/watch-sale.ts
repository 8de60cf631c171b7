import { watchSale } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };
const leaving = new AbortController();
process.once("SIGINT", () => leaving.abort());

try {
  for await (const { inventory, pending } of watchSale(client, "EVNT-ROCK-2025", { signal: leaving.signal })) {
    for (const { ticketType, available } of inventory) console.log(`${ticketType}: ${available} left`);
    console.log(`${pending} orders are pending.`);
  }
} catch (error) {
  if (!leaving.signal.aborted) throw error;
}
