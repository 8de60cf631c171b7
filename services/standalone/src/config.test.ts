import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { readConfig } from "./config.ts";

describe("webhooks into private networks with npm start", () => {
  const allowPrivate = (environment: Record<string, string>) => readConfig(environment).webhookAllowPrivate;

  it("are allowed only while the API is for this machine alone", () => {
    assert.equal(allowPrivate({}), "1");
    assert.equal(allowPrivate({ AUTH: "off", HOST: "127.0.0.1" }), "1");
    assert.equal(allowPrivate({ AUTH: "keys" }), "0");
    assert.equal(allowPrivate({ AUTH: "keys", HOST: "0.0.0.0" }), "0");
    assert.throws(() => readConfig({ HOST: "0.0.0.0" }), /AUTH=keys/);
  });

  it("are as WEBHOOK_ALLOW_PRIVATE says, when it is set", () => {
    assert.equal(allowPrivate({ AUTH: "keys", WEBHOOK_ALLOW_PRIVATE: "1" }), "1");
    assert.equal(allowPrivate({ WEBHOOK_ALLOW_PRIVATE: "0" }), "0");
    assert.throws(() => readConfig({ WEBHOOK_ALLOW_PRIVATE: "maybe" }), /WEBHOOK_ALLOW_PRIVATE/);
  });
});
