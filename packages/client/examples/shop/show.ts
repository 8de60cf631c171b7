// The events that the examples sell. Each is created at the first start, and found again at later ones.
import { type Client, createAccessCodes, createEvent, type NewEvent, ProblemError } from "@onsale/client";

const euros = (amount: number) => ({ amount: amount * 100, currency: "EUR" });

/** The event of `npm run shop-server`: few tickets, so that they are soon sold out. */
export const smallShow: NewEvent = {
  code: "EVNT-SHOP",
  name: "A show of the shop",
  startTime: "2030-05-01T19:00:00Z",
  endTime: "2030-05-01T22:00:00Z",
  ticketTypes: [
    { ticketType: "STANDARD", total: 20, price: euros(45) },
    { ticketType: "VIP", total: 4, price: euros(120) },
  ],
};

/** Opens the ticket type FANCLUB of `bigShow`. */
export const fanCode = "AURORA-FANS";

/** The event of `npm run shop`: limits, a hall that ticket types share, a hidden type, and one that sells out soon. */
export const bigShow: NewEvent = {
  code: "EVNT-AURORA",
  name: "Aurora Lights: Live at Harbour Hall",
  startTime: "2030-05-03T18:30:00Z",
  endTime: "2030-05-03T21:30:00Z",
  maxPerOrder: 6,
  maxPerCustomer: 8,
  pools: [{ name: "HALL", total: 520 }],
  ticketTypes: [
    { ticketType: "FLOOR", total: 400, price: euros(48), pools: ["HALL"] },
    { ticketType: "BALCONY", total: 160, price: euros(64), pools: ["HALL"] },
    { ticketType: "LOUNGE", total: 4, price: euros(140), maxPerOrder: 4 },
    { ticketType: "FANCLUB", total: 20, price: euros(38), pools: ["HALL"], visibility: "code", maxPerOrder: 2 },
  ],
};

/**
 * Creates an event, unless it exists; with `code`, also an access code for its ticket type FANCLUB. `opensInSeconds`
 * lets the sale of a new event begin later.
 */
export async function createShow(client: Client, show: NewEvent, code?: string, opensInSeconds = 0): Promise<void> {
  const salesStart = new Date(Date.now() + opensInSeconds * 1_000).toISOString();
  await unless("event-exists", createEvent(client, opensInSeconds > 0 ? { ...show, salesStart } : show));
  if (code === undefined) return;
  const codes = { code, ticketTypes: ["FANCLUB"], maxUses: 1_000, maxPerOrder: 2 };
  await unless("access-code-exists", createAccessCodes(client, show.code, codes));
}

/** Waits for a call, and takes one problem for success. */
async function unless(code: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== code) throw error;
  }
}
