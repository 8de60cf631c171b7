import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { requiredWebhookKey } from "@onsale/config/settings";
import { keepWebhookKey } from "./webhook-key.ts";

describe("the key that standalone keeps for webhook secrets", () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "onsale-key-"));
  });

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("is made at the first start, and is what WEBHOOK_SECRET_KEY takes", () => {
    assert.equal(requiredWebhookKey.parse(keepWebhookKey(dataDir)).length, 32);
  });

  it("is the same at every further start", () => {
    const key = keepWebhookKey(dataDir);
    assert.equal(keepWebhookKey(dataDir), key);
    assert.equal(keepWebhookKey(dataDir), key);
  });

  it("is another one in another folder", () => {
    const key = keepWebhookKey(dataDir);
    rmSync(join(dataDir, "webhook-key"));
    assert.notEqual(keepWebhookKey(dataDir), key);
  });

  it("can be read by its owner alone", () => {
    keepWebhookKey(dataDir);
    assert.equal(statSync(join(dataDir, "webhook-key")).mode & 0o777, 0o600);
  });

  it("is made whole although a start was killed while it wrote one", () => {
    writeFileSync(join(dataDir, "webhook-key.new"), "half of a k", { mode: 0o600 });
    const key = keepWebhookKey(dataDir);
    assert.equal(requiredWebhookKey.parse(key).length, 32);
    assert.equal(readFileSync(join(dataDir, "webhook-key"), "utf8"), `${key}\n`);
    assert(!existsSync(join(dataDir, "webhook-key.new")));
    assert.deepEqual(readdirSync(dataDir), ["webhook-key"]);
  });
});
