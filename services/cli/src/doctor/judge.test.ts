import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Snapshot } from "@onsale/database/statements/operations/read-snapshots";
import { judgeDisk } from "./check-disk.ts";
import { judgeRedis } from "./check-redis.ts";
import { judgeClock, judgeConnections, judgeDurability, judgeServer } from "./judge-database.ts";
import { judgeHolds } from "./judge-holds.ts";
import { judgeRisks } from "./judge-risks.ts";

const server = {
  versionNumber: 180_004,
  version: "18.4",
  isReplica: false,
  connectionsMax: 100,
  connectionsReserved: 3,
  connectionsOpen: 20,
  connectionsOfOthers: 0,
  fsync: "on",
  synchronousCommit: "on",
  fullPageWrites: "on",
  now: new Date(),
};
const redis = {
  version: "8.0.1",
  role: "master",
  isClusterNode: false,
  evictionPolicy: "noeviction",
  isAppendOnly: true,
  snapshots: "",
};
const risks = {
  hasJit: false,
  sharedBuffersBytes: 2 ** 27,
  databaseBytes: 2 ** 40,
  dangerousSettings: [],
  isCollationChanged: false,
};
const noSnapshots = { snapshots: [], transactionCount: 0 };
const processes = { gateways: 1, workers: 1, notifiers: 1, partitions: 4 };
const gibibyte = 2 ** 30;

describe("onsale doctor judges", () => {
  it("a server that is too old or takes no writes", () => {
    assert.equal(judgeServer(server, "db").outcome, "ok");
    assert.equal(judgeServer({ ...server, versionNumber: 150_000 }, "db").outcome, "ok");
    assert.equal(judgeServer({ ...server, versionNumber: 140_020 }, "db").outcome, "failed");
    assert.equal(judgeServer({ ...server, isReplica: true }, "db").outcome, "failed");
  });

  it("settings that can lose commits", () => {
    for (const name of ["fsync", "synchronousCommit", "fullPageWrites"] as const) {
      assert.equal(judgeDurability({ ...server, [name]: "off" }).outcome, "failed", name);
    }
    for (const synchronousCommit of ["local", "remote_write", "remote_apply"]) {
      assert.equal(judgeDurability({ ...server, synchronousCommit }).outcome, "ok", synchronousCommit);
    }
  });

  it("too few connections, and just enough", () => {
    // These processes may open 22 + 23 + 12, and the admin service 14.
    const withMax = (connectionsMax: number) => judgeConnections({ ...server, connectionsMax }, processes);
    assert.deepEqual(
      [73, 74, 83, 84].map((max) => withMax(max).outcome),
      ["failed", "warning", "warning", "ok"],
    );
    assert.match(withMax(73).advice ?? "", /max_connections of PostgreSQL to 84 or more/);
  });

  it("the connections that other programs have open as not available", () => {
    const withOthers = (connectionsOfOthers: number) =>
      judgeConnections({ ...server, connectionsMax: 84, connectionsOfOthers }, processes);
    assert.deepEqual(
      [0, 1, 10, 11].map((others) => withOthers(others).outcome),
      ["ok", "warning", "warning", "failed"],
    );
    assert.match(withOthers(11).detail, /may open 71 of 81; 20 are open, 11 of them by other programs$/);
    assert.match(withOthers(11).advice ?? "", /max_connections of PostgreSQL to 95 or more/);
  });

  it("clocks that differ by more than the round trip to the server explains", () => {
    assert.equal(judgeClock(900, 0).outcome, "ok");
    assert.equal(judgeClock(-5_000, 9_000).outcome, "ok");
    assert.deepEqual([judgeClock(5_000, 10).outcome, judgeClock(-31_000, 10).outcome], ["warning", "failed"]);
    assert.match(judgeClock(5_000, 0).detail, /5\.0 s ahead of/);
    assert.match(judgeClock(-5_000, 0).detail, /5\.0 s behind/);
  });

  it("little memory for a large database, dangerous settings, a changed collation; and it names JIT", () => {
    const outcomes = (part: Partial<Parameters<typeof judgeRisks>[0]>) =>
      judgeRisks({ ...risks, ...part }, noSnapshots).flatMap(({ check, outcome }) =>
        outcome === "ok" ? [] : [check, outcome],
      );
    assert.deepEqual(outcomes({}), []);
    assert.deepEqual(outcomes({ sharedBuffersBytes: 2 ** 24 }), ["memory", "warning"]);
    assert.deepEqual(outcomes({ sharedBuffersBytes: 2 ** 24, databaseBytes: 2 ** 24 }), []);
    assert.deepEqual(outcomes({ dangerousSettings: ["zero_damaged_pages"] }), ["settings", "failed"]);
    assert.deepEqual(outcomes({ isCollationChanged: true }), ["collation", "warning"]);
    assert.match(judgeRisks({ ...risks, hasJit: true }, noSnapshots).at(-1)?.detail ?? "", /^it is on, and the/);
  });

  it("old snapshots, and says how to end each kind", () => {
    const judge = (...snapshots: Snapshot[]) => {
      const [finding] = judgeRisks(risks, { ...noSnapshots, snapshots }).filter(({ check }) => check === "snapshots");
      return { outcome: finding?.outcome, text: `${finding?.detail} ${finding?.advice}` };
    };
    const transaction = { kind: "transaction", name: "7", ageSeconds: 60, ageTransactions: 1_000_000 } as const;
    const slot = { kind: "slot", name: "standby", ageSeconds: null, ageTransactions: 20_000 } as const;
    assert.equal(judge(transaction, slot).outcome, "ok");
    const olderSlot = { ...slot, ageTransactions: 20_001 };
    const old = judge(
      { ...transaction, ageSeconds: 61 },
      { ...transaction, kind: "prepared", ageSeconds: 61 },
      olderSlot,
    );
    assert.equal(old.outcome, "warning");
    assert.match(old.text, /of pid 7 \(61 s\), the prepared transaction 7 \(61 s\), the slot standby \(20,001 tr/);
    assert.match(old.text, /pg_terminate_backend.*ROLLBACK PREPARED.*drop the slot/);
  });

  it("a disk that is nearly full", () => {
    const outcomes = [0.1, 1, 50].map((size) => judgeDisk(size * gibibyte, "folder").outcome);
    assert.deepEqual(outcomes, ["failed", "warning", "ok"]);
  });

  it("holds that have expired, and returns, whose tickets are not on sale again", () => {
    const none = { ticketCount: 7, oldestDueAgeSeconds: 0, oldestReturnAgeSeconds: 0 };
    const outcome = (part: Partial<typeof none>) => judgeHolds({ ...none, ...part }).outcome;
    assert.deepEqual([outcome({}), outcome({ oldestDueAgeSeconds: 20, oldestReturnAgeSeconds: 1 })], ["ok", "ok"]);
    assert.deepEqual(
      [outcome({ oldestDueAgeSeconds: 31 }), outcome({ oldestReturnAgeSeconds: 31 })],
      ["failed", "failed"],
    );
  });

  it("a Redis that is too old, is a replica, may evict jobs, or keeps nothing on disk", () => {
    const outcomes = (part: Partial<typeof redis>) =>
      judgeRedis({ ...redis, ...part }, "r", false).map((one) => one.outcome);
    assert.deepEqual(outcomes({}), ["ok"]);
    assert.deepEqual(outcomes({ version: "6.2.14" }), ["ok"]);
    assert.deepEqual(outcomes({ version: "6.0.9" }), ["failed"]);
    assert.deepEqual(outcomes({ version: "5.9" }), ["failed"]);
    assert.deepEqual(outcomes({ version: "" }), ["failed"]);
    assert.deepEqual(outcomes({ role: "slave" }), ["failed"]);
    for (const evictionPolicy of ["allkeys-lru", "volatile-ttl", ""]) {
      assert.deepEqual(outcomes({ evictionPolicy }), ["failed"], evictionPolicy);
    }
    assert.deepEqual(outcomes({ isAppendOnly: false }), ["warning"]);
    assert.deepEqual(outcomes({ isAppendOnly: false, evictionPolicy: "allkeys-lru" }), ["failed", "warning"]);
  });

  it("a Redis whose kind does not fit the number of URLs, or is unknown", () => {
    const outcomes = (isClusterNode: boolean | undefined, isOneOfSeveral: boolean, role = "master") =>
      judgeRedis({ ...redis, role, isClusterNode }, "r", isOneOfSeveral).map((one) => one.outcome);
    assert.deepEqual(outcomes(true, true), ["ok"]);
    assert.deepEqual(outcomes(true, true, "slave"), ["ok"]);
    assert.deepEqual(outcomes(true, false), ["failed"]);
    assert.deepEqual(outcomes(false, true), ["failed"]);
    assert.deepEqual(outcomes(undefined, true), ["ok"]);
    assert.deepEqual(outcomes(undefined, false), ["ok"]);
  });
});
