import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { judgeServers, judgeStandbys } from "./judge-replication.ts";

const primary = { name: "a:5432", role: "primary" } as const;
const standby = { name: "b:5432", role: "standby" } as const;
const gone = { name: "c:5432", fault: "nothing answers at 192.0.2.3:5432" } as const;

describe("onsale doctor judges the hosts of DATABASE_URL", () => {
  it("as good when one takes writes and the others follow", () => {
    const { outcome, detail } = judgeServers([standby, primary]);
    assert.deepEqual([outcome, detail], ["ok", "b:5432 is a standby, a:5432 is the primary"]);
  });

  it("with a warning when one cannot take over", () => {
    const away = judgeServers([primary, gone]);
    assert.equal(away.outcome, "warning");
    assert.match(away.detail, /a:5432 is the primary, c:5432 cannot be used \(nothing answers at 192\.0\.2\.3:5432\)$/);
    assert.equal(judgeServers([primary, { name: "d:1", role: "read-only" }]).outcome, "warning");
  });

  it("as failed when none takes writes, or several do", () => {
    assert.equal(judgeServers([standby, gone]).outcome, "failed");
    const twice = judgeServers([primary, { ...primary, name: "b:5432" }]);
    assert.equal(twice.outcome, "failed");
    assert.match(twice.detail, /^several servers take writes: /);
  });
});

describe("onsale doctor judges standbys", () => {
  const judge = (synchronousStandbyNames: string, ...states: (string | null)[]) => {
    const standbys = states.map((syncState, index) => ({
      name: syncState === null ? null : `node ${index}`,
      syncState,
    }));
    return judgeStandbys({ synchronousStandbyNames, standbys }, 1);
  };

  it("as good when commits wait for one, or there is none", () => {
    for (const finding of [
      judge("*", "sync", "async"),
      judge("ANY 1 (*)", "quorum"),
      judge("*", "potential", "sync"),
    ]) {
      assert.equal(finding.outcome, "ok");
      assert.match(finding.detail, /^commits wait for a standby: node 0 \(/);
    }
    assert.equal(judge("").outcome, "ok");
  });

  it("with a warning that says what can be lost when all are asynchronous, seen or not", () => {
    for (const state of ["async", null]) {
      const finding = judge("", state);
      assert.equal(finding.outcome, "warning");
      assert.match(finding.detail, /^commits wait for no standby: /);
      assert.match(finding.advice ?? "", /orders of the last moments before are lost, although buyers were told/);
      assert.match(finding.advice ?? "", /synchronous_standby_names = /);
    }
  });

  it("with a warning that says what this role may not see", () => {
    const finding = judge("ANY 1 (*)", null);
    assert.equal(finding.outcome, "warning");
    assert.match(finding.detail, /may not see .*: a standby without a visible name \(its state is hidden\)$/);
    assert.match(finding.advice ?? "", /GRANT pg_monitor/);
  });

  it("with a warning when DATABASE_URL names a server that does not follow", () => {
    const finding = judgeStandbys({ synchronousStandbyNames: "", standbys: [] }, 2);
    assert.equal(finding.outcome, "warning");
    assert.match(finding.advice ?? "", /all orders are lost that it has not got/);
  });

  it("as failed when commits wait for a standby that is not there, or for more than are there", () => {
    for (const finding of [
      judge("node9"),
      judge("node9", "async"),
      judge("ANY 2 (*)", "quorum"),
      judge("2 (a, b)", "sync", "async"),
    ]) {
      assert.equal(finding.outcome, "failed");
      assert.match(finding.advice ?? "", /^Nothing is accepted until more of them follow/);
    }
    assert.equal(judge("FIRST 2 (a, b, c)", "sync", "sync", "potential").outcome, "ok");
  });
});
