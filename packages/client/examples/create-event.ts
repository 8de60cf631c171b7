import { createEvent, ProblemError } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };

try {
  const event = await createEvent(client, {
    code: "EVNT-JAZZ",
    name: "Jazz Night",
    startTime: "2030-05-01T19:00:00Z",
    endTime: "2030-05-01T22:00:00Z",
    // 45 euros a ticket; the price may be left out.
    ticketTypes: [{ ticketType: "STANDARD", total: 300, price: { amount: 4_500, currency: "EUR" } }],
  });
  console.log(`${event.code} is on sale.`);
} catch (error) {
  if (!(error instanceof ProblemError) || error.code !== "event-exists") throw error;
  console.log("EVNT-JAZZ is there already.");
}
