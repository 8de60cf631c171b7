// The rules of sales, in requests and in answers.
import { money } from "./notation.ts";

export const stock = { ticketType: "string", total: "number", "price?": money } as const;
const rules = {
  "salesStart?": { orNull: "string" },
  "salesEnd?": { orNull: "string" },
  "maxPerOrder?": { orNull: "number" },
  "maxPerCustomer?": { orNull: "number" },
} as const;
export const waitlistPolicy = { oneOf: { skip: true, strict: true } } as const;
const visibility = { oneOf: { public: true, code: true } } as const;
export const pool = { name: "string", total: "number" } as const;
export const eventRules = {
  ...rules,
  "pools?": [pool],
  "offerSeconds?": "number",
  "waitlistPolicy?": waitlistPolicy,
} as const;
export const typeRules = { ...rules, "pools?": ["string"], "visibility?": visibility } as const;
export const knownTypeRules = {
  "salesStart?": "string",
  "salesEnd?": "string",
  "maxPerOrder?": "number",
  "maxPerCustomer?": "number",
  "pools?": ["string"],
  "visibility?": visibility,
} as const;
export const sale = {
  state: { oneOf: { scheduled: true, open: true, paused: true, closed: true, cancelled: true } },
  opensAt: { orNull: "string" },
  closesAt: { orNull: "string" },
} as const;
