import { confirm, ProblemError, purchase } from "@onsale/client";

const client = { baseUrl: process.env.ONSALE_URL ?? "http://127.0.0.1:8080" };
const items = [
  { ticketType: "VIP", quantity: 1 },
  { ticketType: "STUDENT", quantity: 1 },
];

const order = await purchase(client, { eventCode: "EVNT-ROCK-2025", items, holdSeconds: 300 });
if (order.status === "HELD") {
  console.log(`Order ${order.id} is HELD. Pay until ${order.expiresAt}.`);
  // The buyer pays, and your payment provider tells you its reference.
  const paymentReference = `pay_${order.id}`;
  try {
    const { status } = await confirm(client, order.id, { paymentReference });
    console.log(`Order ${order.id} is ${status}.`);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.orderStatus === null) throw error;
    console.log(`Pay ${paymentReference} back: ${error.code}, the order is ${error.orderStatus}.`);
  }
} else console.log(`No tickets: ${order.reason?.detail}`);
