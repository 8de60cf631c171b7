import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { adminPassword, requiredWebhookKey } from "@onsale/config/settings";
import { keepAdminPassword, keepWebhookKey } from "./kept-secrets.ts";

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

describe("the password that standalone keeps for the admin service", () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "onsale-password-"));
  });

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("is one that ADMIN_PASSWORD takes, the same at every start, another one in another folder", () => {
    const password = keepAdminPassword(dataDir);
    assert.equal(adminPassword.parse(password), password);
    assert.match(password, /^[A-Za-z0-9]{20}$/);
    assert.equal(keepAdminPassword(dataDir), password);
    rmSync(join(dataDir, "admin-password"));
    assert.notEqual(keepAdminPassword(dataDir), password);
  });

  it("can be read by its owner alone", () => {
    keepAdminPassword(dataDir);
    assert.equal(statSync(join(dataDir, "admin-password")).mode & 0o777, 0o600);
  });
});
