import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { databaseServers } from "./database-url.ts";
import { ConfigFault } from "./load-config.ts";

const read = (url: string) => databaseServers(url).map(({ name, url: own }) => [name, own]);

describe("the servers of DATABASE_URL", () => {
  it("are one, whose URL stays as it is", () => {
    for (const [url, name] of [
      ["postgres://u:p@h:6432/db?target_session_attrs=primary", "h:6432"],
      ["postgresql://h/db", "h:5432"],
      ["postgres:///db?host=/run&port=5433", "/run:5433"],
      ["postgresql://u:p,w@%2Frun:5433/db", "/run:5433"],
      ["postgres://[2001:db8::1]/db", "[2001:db8::1]:5432"],
      ["postgres:///db", "localhost:5432"],
    ] as const) {
      assert.deepEqual(read(url), [[name, url]]);
    }
  });

  it("are several with commas between, each with its own port or the default one", () => {
    assert.deepEqual(
      read("postgres://u:p,%40@a:5433,b,[2001:db8::1]:6000/db?target_session_attrs=any&sslmode=require"),
      [
        ["a:5433", "postgres://u:p,%40@a:5433/db?sslmode=require"],
        ["b:5432", "postgres://u:p,%40@b:5432/db?sslmode=require"],
        ["[2001:db8::1]:6000", "postgres://u:p,%40@[2001:db8::1]:6000/db?sslmode=require"],
      ],
    );
    assert.deepEqual(read("postgres://a,b"), [
      ["a:5432", "postgres://a:5432"],
      ["b:5432", "postgres://b:5432"],
    ]);
  });

  it("are those of the parameters, which may be folders of sockets, with one port for all or one for each", () => {
    assert.deepEqual(read("postgres://u:p@/db?host=/run/my%3Asql,b,::1&port=6000"), [
      ["/run/my:sql:6000", "postgres://u:p@%2Frun%2Fmy%3Asql:6000/db"],
      ["b:6000", "postgres://u:p@b:6000/db"],
      ["[::1]:6000", "postgres://u:p@[::1]:6000/db"],
    ]);
    assert.deepEqual(
      databaseServers("postgres:///db?host=a%2Cb&port=1,2").map(({ name }) => name),
      ["a:1", "b:2"],
    );
    assert.throws(() => read("postgres:///db?host=a,b,c&port=1,2"), {
      message: "must have one port, or as many as hosts",
    });
  });

  it("are read as they were written", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    const host = fc.oneof(
      label,
      fc.ipV4(),
      fc.ipV6().filter((address) => !address.includes(".")),
    );
    const address = fc.tuple(host, port).map(([name, number]) => {
      const shown = name.includes(":") ? `[${name}]` : name;
      return { written: number === undefined ? shown : `${shown}:${number}`, name: `${shown}:${number ?? 5432}` };
    });
    const addresses = fc.uniqueArray(address, { minLength: 2, maxLength: 5, selector: ({ name }) => name });
    const password = fc.string().map(encodeURIComponent);
    fc.assert(
      fc.property(addresses, password, (all, secret) => {
        const url = `postgres://u:${secret}@${all.map(({ written }) => written).join(",")}/db`;
        const servers = databaseServers(url);
        assert.deepEqual(
          servers.map(({ name }) => name),
          all.map(({ name }) => name),
        );
        for (const server of servers) {
          assert.deepEqual(databaseServers(server.url), [server]);
          assert(URL.canParse(server.url));
        }
      }),
    );
  });

  it("are refused when a host or a port is missing, bad or there twice", () => {
    const faults: readonly (readonly [string, RegExp])[] = [
      ["postgres://a,/db", /^must have a host on each side of every comma$/],
      ["postgres://,a/db", /^must have a host on each side/],
      ["postgres://a,,b/db", /^must have a host on each side/],
      ["postgres://a,:5433/db", /^must have a host on each side/],
      ["postgres://a:0,b/db", /^has a port that is no whole number from 1 to 65535$/],
      ["postgres://a:65536,b/db", /^has a port/],
      ["postgres://a:1x,b/db", /^has a port/],
      ["postgres://a,b:/db?port=-1", /^has a port/],
      ["postgres://a b,c/db", /^has a host that is neither/],
      ["postgres://a,[::g]/db", /^has a host that is neither/],
      ["postgres://a,2001:db8::1/db", /^has a port/],
      ["postgres://a,b%2/db", /^has a host that cannot be decoded/],
      ["postgres://a:5432,b,a/db", /^must name each host once$/],
    ];
    for (const [url, message] of faults) assert.throws(() => read(url), { message }, url);
  });

  it("are refused with a target_session_attrs that asks for a server which takes no writes", () => {
    for (const attributes of ["read-only", "standby", "prefer-standby", "nonsense", ""]) {
      for (const hosts of ["a", "a,b"]) {
        const url = `postgres://${hosts}/db?target_session_attrs=${attributes}`;
        assert.throws(() => read(url), { message: /leave it out, or use read-write/ }, url);
      }
    }
    assert.throws(() => read("mysql://a,b/db"), ConfigFault);
  });
});
