import { deleteArchivedOrders } from "@onsale/database/statements/archives/delete-archived-orders";
import {
  readEventLine,
  readLedgerLines,
  readOrderLines,
  readStockLines,
} from "@onsale/database/statements/archives/read-archive-lines";
import { readArchiveFacts, readArchiveState } from "@onsale/database/statements/archives/read-archive-state";
import { finishArchive, readArchives, recordArchive } from "@onsale/database/statements/archives/record-archive";
import { anyId, type Sample, sample } from "../sample.ts";

const facts = [{ orderCount: 0, versionSum: 0, lastSeq: 0, ledgerCount: 0 }];
const event = [{ eventId: 1, hasEnded: true, isSaleOver: true }];

export const archiveSamples: readonly Sample[] = [
  sample(readArchiveState, "", [1, "EVENT"], [event, [], [], facts]),
  sample(readArchiveFacts, "", [1], [facts]),
  sample(readEventLine, "", [1], [[{ line: "{}" }]]),
  sample(readLedgerLines, "", [1, 0, 1_000]),
  sample(readOrderLines, "", [1, 0, 1_000]),
  sample(readStockLines, "", [1]),
  sample(readArchives, "", [1]),
  sample(recordArchive, "", [1, { file: "orders.gz", digest: "00", orderCount: 1 }]),
  sample(finishArchive, "", [1]),
  sample(deleteArchivedOrders, "", [1, [{ id: anyId, version: 2, paymentCount: 0 }]]),
];
