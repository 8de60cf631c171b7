import { strict as assert } from "node:assert";
import { it } from "node:test";
import { countConnections } from "@onsale/database/connection/connection-budget";
import { createRecordingDatabase } from "@onsale/database/connection/recording-database";
import { openPools, queueConnectionCountMax } from "./pools.ts";

const listenerCount = 1;

it("a gateway opens no more connections than onsale doctor and the manuals count for one", () => {
  let opened = queueConnectionCountMax + listenerCount;
  openPools({
    openDatabase: (_part, { connectionCountMax }) => {
      opened += connectionCountMax;
      return createRecordingDatabase([]).db;
    },
  });
  const none = { gateways: 0, workers: 0, notifiers: 0, partitions: 0 };
  const budget = countConnections({ ...none, gateways: 1 }) - countConnections(none);
  assert(opened <= budget, `${opened} of ${budget}`);
});
