import { getInventory, listEvents } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };

for await (const { code, name, sale } of listEvents(client)) {
  console.log(`${code}: ${name}, ${sale.state}`);
  for (const { ticketType, available } of await getInventory(client, code))
    console.log(`  ${ticketType}: ${available} left`);
}
