import {
  countAccessCodes,
  createAccessCodes,
  findAccessCodes,
  listAccessCodes,
  revokeAccessCode,
} from "@onsale/database/statements/rules/access-codes";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { listCounters } from "@onsale/database/statements/rules/list-counters";
import { listWaiting } from "@onsale/database/statements/rules/list-waiting";
import { lockEvent, lockLiveEvent } from "@onsale/database/statements/rules/lock-event";
import { moveStock } from "@onsale/database/statements/rules/move-stock";
import { recordRules } from "@onsale/database/statements/rules/record-rules";
import { type Sample, sample } from "../sample.ts";

const owner = { accountId: 1, eventId: 1, eventCode: "EVENT", actor: "api" };
const counter = { total: 1, allocated: 0, waiting: 0, decidedSeq: 0, maxPerCustomer: null, isHidden: false };
const types = ["A", "B"].map((name) => ({ ...counter, name, pools: ["event"] }));
const counters = [...types, { ...counter, name: "event", pools: null }];
const ofEvent = [{ max_per_customer: null, waitlist_policy: "skip" }];
/** The answers to the queries that lock an event which has rules. */
const locked = [[], [], counters, [], counters];
const code = { id: 1, hint: "H3NC", ticketTypes: ["A"], maxUses: 1, maxPerOrder: null, used: 0 };
const changed = [...locked, ofEvent, [], [], [], [], ofEvent];

export const ruleSamples: readonly Sample[] = [
  sample(lockEvent, "of an event without rules", [1], [[], [], types, [], types, [], counters]),
  sample(lockEvent, "of an event with rules", [1], locked),
  sample(lockLiveEvent, "", [1], locked),
  sample(recordRules, "", [owner, counters], [ofEvent]),
  sample(changeRules, "", [owner, { pools: [{ name: "HALL", total: 5 }] }], changed),
  sample(listCounters, "", [1]),
  sample(listWaiting, "", [1, 20]),
  sample(
    moveStock,
    "",
    [owner, { from: "A", to: "B", quantity: 1, reason: "reason" }, 10],
    [...locked, [], ...changed],
  ),
  sample(createAccessCodes, "", [owner, []], [...locked, [], [], ofEvent]),
  sample(revokeAccessCode, "", [owner, 1], [...locked, [code], [], [], ofEvent]),
  sample(listAccessCodes, "by offset", [1, { offset: 0 }, 50]),
  sample(listAccessCodes, "after a cursor", [1, { afterId: 1 }, 50]),
  sample(countAccessCodes, "", [1], [[{ count: 0 }]]),
  sample(findAccessCodes, "", [[]]),
];
