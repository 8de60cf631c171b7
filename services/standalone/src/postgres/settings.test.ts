import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { tunedSettings } from "./settings.ts";

const gigabyte = 1024 ** 3;

describe("the embedded server's settings", () => {
  it("leave small machines as they are, and take a bounded part of large ones", () => {
    assert.equal(tunedSettings(gigabyte / 2).shared_buffers, "128MB");
    assert.equal(tunedSettings(4 * gigabyte).shared_buffers, "512MB");
    assert.equal(tunedSettings(256 * gigabyte).shared_buffers, "1024MB");
  });

  it("touch nothing that makes PostgreSQL durable", () => {
    const names = Object.keys(tunedSettings());
    for (const name of ["fsync", "synchronous_commit", "full_page_writes", "wal_level", "commit_delay"]) {
      assert(!names.includes(name), name);
    }
  });
});
