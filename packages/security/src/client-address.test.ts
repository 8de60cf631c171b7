import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { addressGroup, createAddressMatcher, isLoopbackHost } from "./client-address.ts";

describe("the group of an address", () => {
  it("is an IPv4 address in any form", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(addressGroup(address), address);
        assert.equal(addressGroup(`::ffff:${address}`), address);
      }),
    );
  });

  it("is one /64 network of IPv6", () => {
    assert.equal(addressGroup("2001:db8:1:2::1"), addressGroup("2001:0db8:0001:0002:ffff::2"));
    assert.notEqual(addressGroup("2001:db8:1:2::1"), addressGroup("2001:db8:1:3::1"));
    assert.notEqual(addressGroup("2001:db8::1"), addressGroup("::1"));
  });

  it("is short for any text", () => {
    fc.assert(fc.property(fc.ipV6(), (address) => assert(addressGroup(address).length <= 19)));
    for (const text of ["", "unknown", ":", "fe80::1%eth0"]) assert(addressGroup(text).length <= 19);
  });
});

describe("an address of a list", () => {
  const matches = (list: string[], address: string) => createAddressMatcher(list)(address);

  it("is in one of the networks, is one of the addresses, or has one of the names", () => {
    assert(matches(["10.0.0.0/8"], "10.1.2.3"));
    assert(matches(["10.0.0.0/8"], "::ffff:10.1.2.3"));
    assert(matches(["192.0.2.1", "2001:db8::/32"], "2001:db8::5"));
    assert(matches(["192.0.2.1"], "192.0.2.1"));
    assert(matches(["loopback"], "::1") && matches(["loopback"], "127.0.0.9"));
    assert(matches(["linklocal"], "169.254.1.1") && matches(["uniquelocal"], "192.168.1.1"));
  });

  it("is no other address, and no text that is no address", () => {
    for (const address of ["11.0.0.1", "192.0.2.2", "2001:db9::1", "::1", "", "loopback"]) {
      assert.equal(matches(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"], address), false, address);
    }
    assert.equal(matches([], "127.0.0.1"), false);
  });
});

describe("a Host of this machine", () => {
  it("is a loopback name or address, with any port", () => {
    for (const host of ["localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "127.0.1.1", "[::1]:65535"]) {
      assert(isLoopbackHost(host), host);
    }
  });

  it("is no other name, not even one that begins or ends like it", () => {
    for (const host of [
      "",
      "example.com",
      "localhost.example.com",
      "127.0.0.1.example.com:8080",
      "example.com:localhost",
      "127.0.0.1@example.com",
      "xlocalhost",
      "localhost:",
      "localhost:80:80",
      "::1",
      "0.0.0.0",
      "localhost\n",
    ]) {
      assert(!isLoopbackHost(host), host);
    }
  });
});
