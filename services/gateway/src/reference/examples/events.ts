// Examples of events, their stock and the rules of their sale.
import type { AccessCode, CreatedAccessCode, NewAccessCodes } from "@onsale/contracts/access-code";
import type { Activity } from "@onsale/contracts/activity";
import type { Event, EventChange, NewEvent } from "@onsale/contracts/event";
import type { EventCancellation, EventCancellationRequest } from "@onsale/contracts/event-cancellation";
import type { Inventory, InventoryTotal, StockMove } from "@onsale/contracts/inventory";
import { eventCode, eventPath } from "./ids.ts";
import { type ExamplesByOperation, only, pageOf } from "./operation-examples.ts";

const times = { startTime: "2026-12-20T19:00:00.000Z", endTime: "2026-12-20T23:00:00.000Z" };
const vip = { ticketType: "VIP", total: 200, price: { amount: 12_000, currency: "EUR" } };
const standard = { ticketType: "STANDARD", total: 5_000, price: { amount: 4_500, currency: "EUR" } };

const newEvent: NewEvent = { code: eventCode, name: "Rock Festival", ...times, ticketTypes: [vip, standard] };
const ruledEvent: NewEvent = {
  code: "EVNT-FAMILY",
  name: "Family Day",
  startTime: "2027-05-01T14:00:00.000Z",
  endTime: "2027-05-01T17:00:00.000Z",
  salesStart: "2027-03-01T09:00:00.000Z",
  maxPerCustomer: 4,
  pools: [{ name: "HALL", total: 8 }],
  ticketTypes: [
    { ticketType: "ADULT", total: 5, pools: ["HALL"] },
    { ticketType: "CHILD", total: 5, pools: ["HALL"] },
  ],
};

const event: Event = {
  code: eventCode,
  name: "Rock Festival",
  ...times,
  createdAt: "2026-10-01T08:30:00.000Z",
  sale: { state: "open", opensAt: "2026-12-01T09:00:00.000Z", closesAt: times.endTime },
  maxPerOrder: 4,
  maxPerCustomer: null,
  pools: [],
  offerSeconds: 600,
  waitlistPolicy: "skip",
  ticketTypes: [vip, standard],
  links: { self: eventPath, inventory: `/api/v1/inventory/${eventCode}` },
};
const createdEvent: Event = {
  ...event,
  sale: { state: "open", opensAt: null, closesAt: times.endTime },
  maxPerOrder: null,
};
const pausedEvent: Event = { ...event, sale: { ...event.sale, state: "paused" } };
const pause: EventChange = { paused: true };
const rules: EventChange = { salesStart: "2026-12-01T09:00:00.000Z", maxPerOrder: 4 };

const stockOf = (ticketType: string, total: number, sold: number, held: number): Inventory => {
  return { eventCode, ticketType, total, sold, held, available: total - sold - held };
};
/** The stock of the event in examples. */
export const stock: readonly Inventory[] = [stockOf("VIP", 200, 200, 0), stockOf("STANDARD", 5_000, 1_200, 30)];
const backstage = stockOf("BACKSTAGE", 10, 0, 0);
const total: InventoryTotal = { total: 5_000, price: { amount: 4_500, currency: "EUR" } };
const move: StockMove = { from: "STANDARD", to: "VIP", quantity: 50, reason: "Row 7 is VIP now." };
const moved = [stockOf("VIP", 250, 200, 0), stockOf("STANDARD", 4_950, 1_200, 30)];

const madeCodes: NewAccessCodes = { count: 2, ticketTypes: ["FANCLUB"], maxUses: 1, maxPerOrder: 6 };
const chosenCode: NewAccessCodes = { code: "EARLY-FRIENDS", ticketTypes: ["FANCLUB"], maxUses: 500 };
const accessCode: AccessCode = {
  id: 17,
  hint: "H3NC",
  ticketTypes: ["FANCLUB"],
  maxUses: 1,
  used: 0,
  maxPerOrder: 6,
  createdAt: "2026-11-20T10:00:00.000Z",
  revokedAt: null,
};
const created: readonly CreatedAccessCode[] = [
  { ...accessCode, code: "K7QX-2M9R-TB4W-H3NC" },
  { ...accessCode, id: 18, hint: "9PTD", code: "4WZN-Q8VC-X2LM-9PTD" },
];
const revoked: AccessCode = { ...accessCode, revokedAt: "2026-12-01T09:12:44.310Z" };

const activity: Activity = {
  at: "2026-12-01T09:20:03.118Z",
  actor: "api",
  action: "event-changed",
  detail: { changes: { paused: { from: false, to: true } } },
};

const cancelRequest: EventCancellationRequest = { reason: "The band is ill." };
const running: EventCancellation = {
  eventCode,
  status: "running",
  reason: "The band is ill.",
  startedAt: "2026-12-10T16:00:00.204Z",
  finishedAt: null,
  orders: { total: 200_000, cancelled: 50_000, remaining: 150_000 },
  estimatedSeconds: 45,
};
const done: EventCancellation = {
  eventCode,
  status: "done",
  reason: "The band is ill.",
  startedAt: "2026-12-10T16:00:00.204Z",
  finishedAt: "2026-12-10T16:01:02.911Z",
  orders: { total: 200_000, cancelled: 200_000, remaining: 0 },
};
const cancellations = {
  done: { summary: "All its orders are cancelled", value: done },
  running: { summary: "Its orders are being cancelled", value: running },
};

export const eventOperations: ExamplesByOperation = {
  createEvent: {
    request: {
      plain: { summary: "An event with two ticket types", value: newEvent },
      rules: { summary: "A sale with rules: a shared hall, and a limit per customer", value: ruledEvent },
    },
    answers: { 201: only("The new event", createdEvent) },
  },
  listEvents: { answers: { 200: only("A list of one event", pageOf([event])) } },
  getEvent: { answers: { 200: only("An event whose sale is open", event) } },
  changeEvent: {
    request: {
      pause: { summary: "Pause the sale", value: pause },
      rules: { summary: "When the sale opens, and how large an order may be", value: rules },
    },
    answers: { 200: only("The event after it", pausedEvent) },
  },
  listEventActivity: { answers: { 200: only("One change", pageOf([activity])) } },
  cancelEvent: {
    request: only("With a reason", cancelRequest),
    answers: { 200: { done: cancellations.done }, 202: { running: cancellations.running } },
  },
  getEventCancellation: { answers: { 200: cancellations } },
  getInventory: { answers: { 200: only("One type is sold out", stock) } },
  setTotal: {
    request: only("A total and a price", total),
    answers: { 200: only("The stock after it", stock[1]), 201: only("A new ticket type", backstage) },
  },
  moveStock: { request: only("50 tickets", move), answers: { 200: only("Both ticket types after it", moved) } },
  createAccessCodes: {
    request: {
      made: { summary: "Codes that are made up", value: madeCodes },
      chosen: { summary: "A code of your choice", value: chosenCode },
    },
    answers: { 201: only("The only answer that has the codes", created) },
  },
  listAccessCodes: { answers: { 200: only("A list of one code", pageOf([accessCode])) } },
  revokeAccessCode: { answers: { 200: only("The revoked code", revoked) } },
};
