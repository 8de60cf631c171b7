import { auditEvent } from "@onsale/database/statements/audit/audit-event";
import { readLastAudit, recordAudit } from "@onsale/database/statements/audit/last-audit";
import { readRuleFacts } from "@onsale/database/statements/audit/read-rule-facts";
import { takeAuditTurn } from "@onsale/database/statements/audit/take-audit-turn";
import { anyTime, type Sample, sample } from "../sample.ts";

const noOrders = { total: 0, pending: 0, held: 0, confirmed: 0, rejected: 0, expired: 0, cancelled: 0 };
const sound = { eventCode: "EVENT", ok: true, checkedAt: anyTime.toISOString(), orders: noOrders, checks: [] };
const noFindings = { duplicates: 0, overdue: 0, overtaken: 0, inconsistent: 0, now: anyTime };

export const auditSamples: readonly Sample[] = [
  sample(auditEvent, "with no decided order", [1, 30_000, () => undefined], [[], [], [noFindings]]),
  sample(readRuleFacts, "of an event with rules", [1], [[{ name: "event", total: 1, allocated: 0, inTypes: 0 }]]),
  sample(recordAudit, "", [1, sound]),
  sample(readLastAudit, "", [1]),
  sample(takeAuditTurn, "taken", [1, async () => ({})], [[{ code: "EVENT", isMine: true }]]),
];
