// Events, their stock and their access codes.
import type {
  AccessCode,
  CreatedAccessCode,
  NewAccessCodes,
} from "../../../../packages/client/src/wire/access-code.ts";
import type {
  EventCancellation,
  EventChange,
  NewEvent,
  SaleEvent,
  SaleSnapshot,
} from "../../../../packages/client/src/wire/event.ts";
import type { Page } from "../../../../packages/client/src/wire/page.ts";
import type { Inventory, StockMove, TotalChange } from "../../../../packages/client/src/wire/stock.ts";
import { type Described, money, page } from "./notation.ts";
import { eventRules, knownTypeRules, pool, sale, stock, typeRules, waitlistPolicy } from "./sale-rules.ts";

const accessCode = {
  id: "number",
  hint: { orNull: "string" },
  ticketTypes: ["string"],
  maxUses: "number",
  used: "number",
  maxPerOrder: { orNull: "number" },
  createdAt: "string",
  revokedAt: { orNull: "string" },
} as const;
const inventory = {
  eventCode: "string",
  ticketType: "string",
  total: "number",
  sold: "number",
  held: "number",
  available: "number",
  "limitedBy?": "string",
  "waiting?": "number",
} as const satisfies Described<Inventory>;

const event = {
  code: "string",
  name: "string",
  startTime: "string",
  endTime: "string",
  createdAt: "string",
  sale,
  maxPerOrder: { orNull: "number" },
  maxPerCustomer: { orNull: "number" },
  pools: [{ ...pool, available: "number" }],
  offerSeconds: "number",
  waitlistPolicy,
  ticketTypes: [{ ...stock, ...knownTypeRules }],
  links: { self: "string", inventory: "string" },
} as const satisfies Described<SaleEvent>;

export const describedEvents = {
  Inventory: inventory,
  NewEvent: {
    code: "string",
    name: "string",
    startTime: "string",
    endTime: "string",
    "ticketTypes?": [{ ...stock, ...typeRules }],
    ...eventRules,
  } satisfies Described<NewEvent>,
  EventChange: {
    "name?": "string",
    "startTime?": "string",
    "endTime?": "string",
    "paused?": "boolean",
    ...eventRules,
  } satisfies Described<EventChange>,
  Event: event,
  EventPage: { content: [event], ...page } satisfies Described<Page<SaleEvent>>,
  EventCancellation: {
    eventCode: "string",
    status: { oneOf: { running: true, done: true } },
    reason: { orNull: "string" },
    startedAt: "string",
    finishedAt: { orNull: "string" },
    orders: { total: { orNull: "number" }, cancelled: "number", remaining: { orNull: "number" } },
    "estimatedSeconds?": "number",
  } satisfies Described<EventCancellation>,
  InventoryTotal: {
    total: "number",
    "price?": { orNull: money },
    ...typeRules,
  } satisfies Described<TotalChange>,
  StockMove: {
    from: "string",
    to: "string",
    quantity: "number",
    reason: "string",
  } satisfies Described<StockMove>,
  NewAccessCodes: {
    "code?": "string",
    "count?": "number",
    ticketTypes: ["string"],
    maxUses: "number",
    "maxPerOrder?": "number",
  } satisfies Described<NewAccessCodes>,
  AccessCode: accessCode satisfies Described<AccessCode>,
  AccessCodePage: { content: [accessCode], ...page } satisfies Described<Page<AccessCode>>,
  CreatedAccessCode: { ...accessCode, code: "string" } satisfies Described<CreatedAccessCode>,
  Sale: {
    eventCode: "string",
    at: "string",
    sale,
    inventory: [inventory],
    pending: "number",
    decidedPerSecond: "number",
  } satisfies Described<SaleSnapshot>,
};
