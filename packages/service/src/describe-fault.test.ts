import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { lostSession } from "@onsale/database/connection/lost-session";
import { createFaultDescriber, kindOfFault } from "./describe-fault.ts";

const databaseUrl = "postgres://onsale:hunter2@db.example:6543/tickets?sslmode=require";
const redisUrls = ["redis://:hunter3@cache-1.example:7001", "redis://:hunter3@cache-2.example"];
const onPostgres = createFaultDescriber({ databaseUrl, redisUrls: undefined });
const onRedis = createFaultDescriber({ databaseUrl, redisUrls });
const postgres = "PostgreSQL at db.example:6543/tickets";
const redis = "Redis at cache-1.example:7001, cache-2.example:6379";

const errorOf = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const refused = (port: number) => errorOf("connect ECONNREFUSED", { code: "ECONNREFUSED", port });

describe("a fault that a service survives", () => {
  it("names the server by its address, without the password, and says what it did", () => {
    const faults: [Error, string][] = [
      [refused(6543), `${postgres} refuses connections`],
      [new AggregateError([refused(6543), refused(6543)]), `${postgres} refuses connections`],
      [refused(7001), `${redis} refuses connections`],
      [refused(6379), `${redis} refuses connections`],
      [errorOf("read ECONNRESET", { code: "ECONNRESET" }), `${postgres} or ${redis} closed a connection`],
      [
        errorOf("getaddrinfo ENOTFOUND", { code: "ENOTFOUND", hostname: "cache-2.example" }),
        `the host name of ${redis} is unknown`,
      ],
      [
        errorOf("getaddrinfo ENOTFOUND", { code: "ENOTFOUND", hostname: "db.example" }),
        `the host name of ${postgres} is unknown`,
      ],
      [errorOf("Connection terminated unexpectedly"), `${postgres} closed a connection`],
      [errorOf(lostSession.replaced), `${postgres} is read-only, as after a failover`],
      [
        errorOf("timeout exceeded when trying to connect"),
        `no connection to ${postgres} was free or could be opened in time`,
      ],
      [errorOf("the database system is starting up", { code: "57P03" }), "the database system is starting up"],
      [errorOf("deadlock detected", { code: "40P01" }), "deadlock detected"],
      [errorOf('password authentication failed for user "onsale"', { code: "28P01" }), "password authentication"],
      [errorOf("Connection is closed."), `${redis} closed a connection`],
      [errorOf("Command timed out"), `${redis} did not answer a command in time`],
      [errorOf("LOADING Redis is loading the dataset in memory"), `${redis} answers "LOADING Redis`],
      [errorOf("READONLY You can't write against a read only replica."), `${redis} answers "READONLY`],
      [errorOf("Missing lock for job 7. moveToFinished"), "the queues lost a job or its lock"],
    ];
    for (const [error, expected] of faults) {
      const fault = onRedis(error) ?? "";
      assert(fault.includes(expected), `${error.message}: ${fault}`);
      assert.doesNotMatch(fault, /hunter|\n/);
    }
  });

  it("is of the same kind whatever the job and the server's words are, and of another for another code", () => {
    const kinds = (errors: readonly Error[]) => new Set(errors.map((error) => kindOfFault(onRedis(error) ?? "")));
    const jobs = Array.from({ length: 100 }, (_, job) => errorOf(`could not renew lock for job ${job}-af`));
    assert.equal(kinds(jobs).size, 1);
    const full = (file: string, code: string) => errorOf(`could not write to file "${file}"`, { code });
    assert.equal(kinds([full("a", "53100"), full("b", "53100")]).size, 1);
    assert.equal(kinds([full("a", "53100"), full("a", "53200")]).size, 2);
  });

  it("is of PostgreSQL when the queues are there", () => {
    assert.equal(onPostgres(errorOf("read ECONNRESET", { code: "ECONNRESET" })), `${postgres} closed a connection`);
    assert.equal(onPostgres(errorOf("write EPIPE", { code: "EPIPE" })), `${postgres} closed a connection`);
    assert.equal(onPostgres(errorOf("spawn EMFILE", { code: "EMFILE" })), `${postgres}: spawn EMFILE`);
  });

  it("is no bug, whose stack is needed", () => {
    for (const bug of [
      new TypeError("x is undefined"),
      errorOf("invalid", { code: "ERR_INVALID_ARG_TYPE" }),
      errorOf('relation "orders" does not exist', { code: "42P01" }),
      errorOf("WRONGTYPE Operation against a key holding the wrong kind of value"),
      "no error",
    ]) {
      assert.equal(onRedis(bug), undefined);
      assert.equal(onPostgres(bug), undefined);
    }
  });
});
