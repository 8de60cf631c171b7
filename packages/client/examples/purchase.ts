import { ProblemError, PurchaseDeadlineError, purchase } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };
const wanted = { eventCode: "EVNT-ROCK-2025", ticketType: "STANDARD", quantity: 2 };

try {
  const order = await purchase(client, wanted, { deadlineMs: 10_000 });
  if (order.status === "REJECTED") console.log(`No tickets: ${order.reason?.detail}`);
  else console.log(`Order ${order.id} is ${order.status}.`);
} catch (error) {
  if (error instanceof PurchaseDeadlineError) console.log(`No answer. Try again with key ${error.idempotencyKey}.`);
  else if (error instanceof ProblemError) console.log(`Not possible: ${error.problem.detail}`);
  else throw error;
}
