import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { type DatabaseServer, databaseServers } from "@onsale/config/database-url";
import { classify, errorCode } from "../errors.ts";
import { createPrimary, NoPrimaryError, NoWritesError } from "./primary.ts";

const servers = databaseServers("postgres://user:hunter2@a,b:5433,c/db");
const [a, b] = servers;
const withCode = (code: string, message = "") => Object.assign(new Error(message), { code });
const onMoved = () => undefined;
const standby = new NoWritesError("is a standby");

describe("the primary among several servers", () => {
  it("is asked for once, also by many at a time, until it is forgotten", async () => {
    let askCount = 0;
    let writable = a;
    let moveCount = 0;
    const ask = async (server: DatabaseServer) => {
      askCount++;
      if (server !== writable) throw standby;
    };
    const primary = createPrimary(servers, { ask, onMoved: () => moveCount++ });
    const found = await Promise.all(Array.from({ length: 20 }, primary.find));
    assert.deepEqual(new Set(found), new Set([a]));
    assert.equal(askCount, servers.length);
    writable = b ?? a;
    assert.equal(await primary.find(), a);
    assert.equal(askCount, servers.length);
    primary.forget(a);
    assert.equal(moveCount, 0);
    assert.equal(await primary.find(), b);
    assert.equal(moveCount, 1);
    // Somebody whose connection to the old one failed only now must not have all servers asked again.
    primary.forget(a);
    assert.equal(await primary.find(), b);
    assert.equal(askCount, 2 * servers.length);
    primary.forget(b ?? a);
    assert.equal(await primary.find(), b);
    assert.equal(moveCount, 1);
  });

  it("is found while another server does not answer", async () => {
    const ask = (server: DatabaseServer) => (server === b ? Promise.resolve() : new Promise<void>(() => undefined));
    const primary = createPrimary(servers, { ask, onMoved });
    assert.equal(await primary.find(), b);
  });

  it("is looked for again after none was found, and the error says why of each server", async () => {
    const faults = [withCode("ECONNREFUSED"), new Error("timeout expired"), withCode("57P03", "starting up")];
    let isUp = false;
    const ask = async (server: DatabaseServer) => {
      if (!isUp) throw faults[servers.indexOf(server)];
    };
    const primary = createPrimary(servers, { ask, onMoved });
    const reasons = ["a:5432 refuses connections", "b:5433 does not answer in time", 'c:5432 answers "starting up"'];
    const message = `no server takes writes: ${reasons.join(", ")}`;
    await assert.rejects(primary.find(), { name: "NoPrimaryError", message });
    await assert.rejects(primary.find(), (error) => classify(error) === "unavailable" && errorCode(error) === "");
    isUp = true;
    await primary.find();
  });

  it("is not blamed for a refused login: the error has the code of that answer", () => {
    const failures = [
      { server: a, error: standby },
      { server: b ?? a, error: withCode("28P01", "password authentication failed") },
    ];
    const error = new NoPrimaryError(failures);
    assert.equal(errorCode(error), "28P01");
    assert.equal(
      error.message,
      'no server takes writes: a:5432 is a standby, b:5433 answers "password authentication failed"',
    );
  });

  it("may be away while another server refuses the login: nothing is said against the login", () => {
    const error = new NoPrimaryError([
      { server: a, error: withCode("ECONNREFUSED") },
      { server: b ?? a, error: withCode("28000", "no pg_hba.conf entry") },
    ]);
    assert.deepEqual([errorCode(error), classify(error)], ["", "unavailable"]);
  });
});
