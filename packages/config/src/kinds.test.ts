import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { choice, integer, optionalInteger, secretKey, text, urls } from "./kinds.ts";
import { ConfigFault } from "./load-config.ts";

const seats = integer("SEATS", { min: 10, max: 5_000, default: 100 }, "Seats.");

describe("a whole number", () => {
  it("is read when it is within its bounds, both included", () => {
    fc.assert(fc.property(fc.integer({ min: 10, max: 5_000 }), (value) => seats.parse(String(value)) === value));
    assert.equal(seats.parse("10"), 10);
    assert.equal(seats.parse("5000"), 5_000);
  });

  it("is refused beyond its bounds, with both of them named", () => {
    const beyond = fc.oneof(
      fc.integer({ max: 9 }),
      fc.maxSafeInteger().filter((value) => value > 5_000),
    );
    fc.assert(
      fc.property(beyond, (value) => {
        assert.throws(() => seats.parse(String(value)), {
          message: `must be a whole number from 10 to 5000, not "${value}"`,
        });
      }),
    );
  });

  it("is refused in any notation other than decimal digits", () => {
    for (const notation of ["ten", "1e2", "0x20", "10.0", " 100", "100 ", "+100", "-100", "1_000", "٣٠", "NaN"]) {
      assert.throws(() => seats.parse(notation), ConfigFault, notation);
    }
  });

  it("has its default when it is not set", () => {
    assert.equal(seats.parse(undefined), 100);
    assert.equal(seats.defaultText, "100");
  });

  it("that is optional is undefined when it is not set, and else within its bounds", () => {
    const port = optionalInteger("PORT", { min: 0, max: 65_535 }, "A port.");
    assert.equal(port.parse(undefined), undefined);
    assert.equal(port.parse("0"), 0);
    assert.throws(() => port.parse("65536"), ConfigFault);
  });
});

describe("a choice", () => {
  const colour = choice("COLOUR", ["red", "green"], "green", "A colour.");

  it("is one of its words, exactly as they are written", () => {
    assert.equal(colour.parse("red"), "red");
    assert.equal(colour.parse(undefined), "green");
    for (const word of ["RED", " red", "blue", "constructor"]) {
      assert.throws(() => colour.parse(word), { message: `must be "red" or "green", not "${word}"` });
    }
  });
});

describe("a text", () => {
  it("is taken as it is", () => {
    const name = text("NAME", "unnamed", "A name.");
    fc.assert(fc.property(fc.string(), (value) => name.parse(value) === value));
    assert.equal(name.parse(undefined), "unnamed");
  });
});

describe("URLs", () => {
  const servers = urls("SERVERS", ["redis:", "rediss:"], "Servers.");

  it("are one or several with commas between, spaces around them ignored", () => {
    assert.deepEqual(servers.parse("redis://a"), ["redis://a"]);
    assert.deepEqual(servers.parse("redis://a:1, rediss://b:2 ,redis://c"), [
      "redis://a:1",
      "rediss://b:2",
      "redis://c",
    ]);
    assert.equal(servers.parse(undefined), undefined);
  });

  it("may have a comma in a password", () => {
    assert.deepEqual(servers.parse("redis://:p,q@a,redis://:p,q@b"), ["redis://:p,q@a", "redis://:p,q@b"]);
  });

  it("are all refused when one of them is not a URL or has another scheme", () => {
    for (const value of [
      "redis://a,",
      ",redis://a",
      "redis://a,http://b",
      "a:6379",
      "localhost",
      "redis://a:port",
      "redis:6379",
    ]) {
      assert.throws(() => servers.parse(value), {
        name: "Error",
        message: "must be a URL such as redis://host or rediss://host, or several of them with commas between",
      });
    }
  });
});

describe("a secret key", () => {
  const key = secretKey("KEY", "A key.");
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array));

  it("is 32 bytes as base64, base64url or hexadecimal, in either case, with or without padding", () => {
    const encode = fc.constantFrom<(value: Buffer) => string>(
      (value) => value.toString("hex"),
      (value) => value.toString("hex").toUpperCase(),
      (value) => value.toString("base64"),
      (value) => value.toString("base64").replace("=", ""),
      (value) => value.toString("base64url"),
    );
    fc.assert(fc.property(bytes, encode, (value, write) => key.parse(write(value))?.equals(value) === true));
  });

  it("is optional", () => {
    assert.equal(key.parse(undefined), undefined);
  });

  it("is refused when it is shorter, longer or something else, and the message does not show it", () => {
    const other = fc.oneof(
      fc.uint8Array({ maxLength: 31, minLength: 1 }).map((array) => Buffer.from(array)),
      fc.uint8Array({ minLength: 33, maxLength: 64 }).map((array) => Buffer.from(array)),
    );
    const texts = fc.oneof(
      other.map((value) => value.toString("hex")),
      other.map((value) => value.toString("base64")),
      bytes.map((value) => ` ${value.toString("base64")}`),
      bytes.map((value) => `${value.toString("base64")}\n`),
      bytes.map((value) => `${value.toString("hex").slice(1)}g`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        assert.throws(() => key.parse(text), {
          message: "must be 32 bytes as base64 or hexadecimal, such as from `openssl rand -base64 32`",
        });
      }),
    );
  });
});
