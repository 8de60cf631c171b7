import { cancelEvent } from "@onsale/database/statements/cancellations/cancel-event";
import { claimCancellation } from "@onsale/database/statements/cancellations/claim-cancellation";
import { countCancellable, findCancellable } from "@onsale/database/statements/cancellations/find-cancellable";
import { countRemaining, readCancellation } from "@onsale/database/statements/cancellations/read-cancellation";
import { finishCancellation, writeBatch, writeCount } from "@onsale/database/statements/cancellations/write-progress";
import { type Sample, sample } from "../sample.ts";

const event = { accountId: 1, eventId: 1, eventCode: "EVENT", actor: "api", reason: "reason" };

export const cancellationSamples: readonly Sample[] = [
  sample(cancelEvent, "", [event], [[{ id: 1 }]]),
  sample(claimCancellation, "", []),
  sample(countCancellable, "", [1, 0]),
  sample(findCancellable, "", [1, 0, 250]),
  sample(writeCount, "", [1, { count: 1, throughSeq: 1 }]),
  sample(writeBatch, "", [1, 1, 1]),
  sample(finishCancellation, "", [1]),
  sample(readCancellation, "", [1]),
  sample(countRemaining, "", []),
];
