import { claimKey } from "@onsale/database/statements/operations/claim-key";
import { countProcesses } from "@onsale/database/statements/operations/count-processes";
import { listProcesses } from "@onsale/database/statements/operations/list-processes";
import { findLowestCapability } from "@onsale/database/statements/operations/lowest-capability";
import { readClock } from "@onsale/database/statements/operations/read-clock";
import { readReplication } from "@onsale/database/statements/operations/read-replication";
import { readServerFacts } from "@onsale/database/statements/operations/read-server-facts";
import { readServerRisks } from "@onsale/database/statements/operations/read-server-risks";
import { readServerRole } from "@onsale/database/statements/operations/read-server-role";
import { readSnapshots } from "@onsale/database/statements/operations/read-snapshots";
import { type ProcessReport, processLog } from "@onsale/database/statements/operations/report-process";
import { anyId, anyTime, type Sample, sample } from "../sample.ts";

const report: ProcessReport = {
  id: anyId,
  kind: "worker",
  host: "host",
  pid: 1,
  version: "1.0.0",
  startedAt: anyTime,
  figures: {},
};

export const operationsSamples: readonly Sample[] = [
  sample(claimKey, "", ["CUSTOMER_KEY", Buffer.alloc(32)]),
  sample(countProcesses, "", []),
  sample(listProcesses, "", []),
  sample(findLowestCapability, "", []),
  sample(readClock, "", [], [[{}]]),
  sample(readReplication, "", [], [[{}]]),
  sample(readServerFacts, "", [], [[{}]]),
  sample(readServerRisks, "", [], [[{}]]),
  sample(readServerRole, "", [], [[{}]]),
  sample(readSnapshots, "", [], [[{}]]),
  { statement: processLog, variant: "write", run: (db) => processLog(db).write(report), answers: [] },
  { statement: processLog, variant: "remove", run: (db) => processLog(db).remove(anyId), answers: [] },
];
