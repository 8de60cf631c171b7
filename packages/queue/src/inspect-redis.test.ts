import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { nodesOf } from "./inspect-redis.ts";

describe("the nodes of a REDIS_URL", () => {
  it("have the first URL's user, password and TLS, their own host and port, and no database number", () => {
    const urls = [
      "rediss://app:p%40ss@a.example.com:7000/3",
      "redis://b.example.com",
      "rediss://:other@[2001:db8::1]:7002",
    ];
    assert.deepEqual(nodesOf(urls), [
      "rediss://app:p%40ss@a.example.com:7000",
      "rediss://app:p%40ss@b.example.com",
      "rediss://app:p%40ss@[2001:db8::1]:7002",
    ]);
  });

  it("are the URL itself when there is one", () => {
    assert.deepEqual(nodesOf(["redis://:pass@a.example.com/3"]), ["redis://:pass@a.example.com/3"]);
  });
});
