import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createSessions, parseSession, writeSession } from "./sessions.ts";

const hourMs = 60 * 60_000;
const password = "correct horse battery";

describe("a session", () => {
  it("is opened by the user admin with the password, and nobody else", () => {
    const { isRight } = createSessions(password);
    assert(isRight("admin", password));
    for (const [user, given] of [
      ["admin", ""],
      ["admin", `${password} `],
      ["admin", password.toUpperCase()],
      ["Admin", password],
      ["", password],
    ] as const) {
      assert(!isRight(user, given), `${user} ${given}`);
    }
  });

  it("holds twelve hours, and no clock makes it hold longer", () => {
    const { create, isValid } = createSessions(password);
    const session = create(0);
    assert(isValid(session, 12 * hourMs - 1));
    assert(!isValid(session, 12 * hourMs));
    assert(!isValid(session, -1));
  });

  it("is over when it was logged out of, and others are not", () => {
    const sessions = createSessions(password);
    const [one, other] = [sessions.create(0), sessions.create(0)];
    sessions.end(one);
    assert(!sessions.isValid(one, 0));
    assert(sessions.isValid(other, 0));
  });

  it("is read from its cookie as it was written, and from nothing else", () => {
    const session = createSessions(password).create(1_700_000_000_000);
    assert.deepEqual(parseSession(writeSession(session)), session);
    for (const text of ["", "-", "1-", "1-short", `${writeSession(session)}x`, `x${writeSession(session)}`, "1e9-"]) {
      assert.equal(parseSession(text), undefined, text);
    }
  });

  it("is signed with a key that every process with this password has, and none with another", () => {
    assert.deepEqual(createSessions(password).key, createSessions(password).key);
    assert.notDeepEqual(createSessions(password).key, createSessions(`${password}!`).key);
  });
});
