import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createSessions, parseSession, writeSession } from "./sessions.ts";

const hourMs = 60 * 60_000;
const password = "correct horse battery";

describe("a session", () => {
  it("needs the user admin and the password", () => {
    const { areCredentialsValid } = createSessions(password);
    assert(areCredentialsValid("admin", password));
    for (const [user, given] of [
      ["admin", ""],
      ["admin", `${password} `],
      ["admin", password.toUpperCase()],
      ["Admin", password],
      ["", password],
    ] as const) {
      assert(!areCredentialsValid(user, given), `${user} ${given}`);
    }
  });

  it("is valid for twelve hours, and not longer under a wrong clock", () => {
    const { create, isValid } = createSessions(password);
    const session = create(0);
    assert(isValid(session, 12 * hourMs - 1));
    assert(!isValid(session, 12 * hourMs));
    assert(!isValid(session, -1));
  });

  it("ends with its logout, and others do not", () => {
    const sessions = createSessions(password);
    const one = sessions.create(0);
    const other = sessions.create(0);
    sessions.end(one);
    assert(!sessions.isValid(one, 0));
    assert(sessions.isValid(other, 0));
  });

  it("is parsed as it was written, and from no other text", () => {
    const session = createSessions(password).create(1_700_000_000_000);
    assert.deepEqual(parseSession(writeSession(session)), session);
    for (const text of ["", "-", "1-", "1-short", `${writeSession(session)}x`, `x${writeSession(session)}`, "1e9-"]) {
      assert.equal(parseSession(text), undefined, text);
    }
  });

  it("is signed with the same key at every process with the same password, and with another key otherwise", () => {
    assert.deepEqual(createSessions(password).key, createSessions(password).key);
    assert.notDeepEqual(createSessions(password).key, createSessions(`${password}!`).key);
  });
});
