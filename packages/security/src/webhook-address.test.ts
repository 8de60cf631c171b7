import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hostileUrls } from "../test-data/hostile-urls.ts";
import { checkWebhookUrl, hostOf, isAllowedAddress } from "./webhook-address.ts";

type Octets = readonly [number, number, number, number];

const octet = fc.nat(255);
const inRange = (a: fc.Arbitrary<number>, b = octet, c = octet, d = octet): fc.Arbitrary<Octets> =>
  fc.tuple(a, b, c, d);
const is = (value: number) => fc.constant(value);
const between = (min: number, max: number) => fc.integer({ min, max });

const loopback = inRange(is(127));
const privateNetworks = fc.oneof(inRange(is(10)), inRange(is(172), between(16, 31)), inRange(is(192), is(168)));
const neverAllowed = fc.oneof(
  inRange(is(0)),
  inRange(is(100), between(64, 127)),
  inRange(is(169), is(254)),
  inRange(is(192), is(0), fc.constantFrom(0, 2)),
  inRange(is(192), is(88), is(99)),
  inRange(is(198), between(18, 19)),
  inRange(is(198), is(51), is(100)),
  inRange(is(203), is(0), is(113)),
  inRange(between(224, 255)),
  inRange(is(168), is(63), is(129), is(16)),
);
const publicAddresses = fc.oneof(inRange(between(1, 9)), inRange(between(11, 99)), inRange(between(204, 223)));

const hex = (value: number) => value.toString(16);
const octal = (value: number) => value.toString(8);
const join = (...octets: readonly number[]) => octets.reduce((sum, value) => sum * 256 + value, 0);
const group = (a: number, b: number) => hex(a * 256 + b);
const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));

/** The notations of an IPv4 address that a URL parser accepts. */
const notations: readonly ((octets: Octets) => string)[] = [
  (o) => o.join("."),
  (o) => `${o.join(".")}.`,
  (o) => o.join("。"),
  (o) => wide(o.join(".")),
  (o) => o.join(".").replace(/\d/g, (digit) => `%3${digit}`),
  (o) => String(join(...o)),
  (o) => `0x${hex(join(...o))}`,
  (o) => `0X${hex(join(...o)).toUpperCase()}`,
  (o) => `0${octal(join(...o))}`,
  (o) => o.map((value) => `0x${hex(value)}`).join("."),
  (o) => o.map((value) => `000${octal(value)}`).join("."),
  ([a, ...rest]) => `${a}.${join(...rest)}`,
  ([a, b, ...rest]) => `0x${hex(a)}.0${octal(b)}.${join(...rest)}`,
  (o) => `[::ffff:${o.join(".")}]`,
  ([a, b, c, d]) => `[::ffff:${group(a, b)}:${group(c, d)}]`,
  ([a, b, c, d]) => `[0:0:0:0:0:FFFF:${group(a, b).toUpperCase()}:${group(c, d)}]`,
];

/** IPv6 addresses that translate to an IPv4 address, or once did. */
const translations: readonly ((octets: Octets) => string)[] = [
  (o) => `[64:ff9b::${o.join(".")}]`,
  ([a, b, c, d]) => `[64:ff9b:1::${group(a, b)}:${group(c, d)}]`,
  ([a, b, c, d]) => `[2002:${group(a, b)}:${group(c, d)}::1]`,
  (o) => `[::ffff:0:${o.join(".")}]`,
  (o) => `[::${o.join(".")}]`,
];

const written = (octets: fc.Arbitrary<Octets>, ways = notations) =>
  fc.tuple(octets, fc.constantFrom(...ways)).map(([value, write]) => write(value));
const isAccepted = (host: string, allowPrivate: boolean) => checkWebhookUrl(`https://${host}/x`, allowPrivate).ok;

describe("the URL of a webhook endpoint", () => {
  it("is refused when it could reach anything other than the public internet", () => {
    assert(hostileUrls.length >= 40);
    const accepted = hostileUrls.filter((url) => checkWebhookUrl(url, false).ok);
    assert.deepEqual(accepted, []);
  });

  it("is refused with the end of a sentence that says why", () => {
    for (const url of hostileUrls) {
      const checked = checkWebhookUrl(url, false);
      assert.match(checked.ok ? "" : checked.detail, /^must .*[^.]$/, url);
    }
  });

  it("is accepted when its host is a public name or address, and parsed as browsers do", () => {
    const cases = [
      ["https://shop.example.com/hooks/onsale", "https://shop.example.com/hooks/onsale"],
      ["https://example.com", "https://example.com/"],
      ["HTTPS://EXAMPLE.com:443/A?b=c&d=%20", "https://example.com/A?b=c&d=%20"],
      ["https://example.com.:8443/", "https://example.com.:8443/"],
      ["https://münchen.example/ü", "https://xn--mnchen-3ya.example/%C3%BC"],
      ["https://8.8.8.8/", "https://8.8.8.8/"],
      ["https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"],
      ["https://localhost.example.com/", "https://localhost.example.com/"],
      ["https://my-local.net/x", "https://my-local.net/x"],
      ["https://10.example.com/", "https://10.example.com/"],
      [`https://example.com/${"a".repeat(2_028)}`, `https://example.com/${"a".repeat(2_028)}`],
    ] as const;
    for (const [text, href] of cases) {
      const checked = checkWebhookUrl(text, false);
      assert.equal(checked.ok ? checked.url.href : checked.detail, href);
    }
  });

  it("is refused for every IPv4 address that is not public, in each notation", () => {
    const hosts = written(fc.oneof(loopback, privateNetworks, neverAllowed));
    fc.assert(
      fc.property(hosts, (host) => !isAccepted(host, false)),
      { numRuns: 5_000 },
    );
  });

  it("is accepted for public IPv4 addresses in the same notations: no notation itself is refused", () => {
    fc.assert(
      fc.property(written(publicAddresses), (host) => isAccepted(host, false)),
      { numRuns: 2_000 },
    );
  });

  it("is refused for an IPv6 address that translates to any IPv4 address", () => {
    const anything = fc.oneof(loopback, privateNetworks, neverAllowed, publicAddresses);
    fc.assert(
      fc.property(written(anything, translations), fc.boolean(), (host, allow) => !isAccepted(host, allow)),
      { numRuns: 2_000 },
    );
  });

  it("is refused for every IPv6 address outside 2000::/3", () => {
    const first = fc.oneof(between(0, 0x1fff), between(0x4000, 0xffff));
    const rest = fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 });
    const hosts = fc.tuple(first, rest).map(([a, others]) => `[${[a, ...others].map(hex).join(":")}]`);
    fc.assert(
      fc.property(hosts, (host) => !isAccepted(host, false)),
      { numRuns: 2_000 },
    );
  });

  it("never makes the check throw, for any text", () => {
    const pieces = fc.constantFrom(
      "https://",
      "[",
      "]",
      "::",
      "127",
      ".",
      "@",
      "#",
      "%",
      "\\",
      "。",
      "\0",
      "x",
      ":",
      "/",
    );
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: pieces }), fc.webUrl());
    fc.assert(
      fc.property(texts, fc.boolean(), (text, allow) => typeof checkWebhookUrl(text, allow).ok === "boolean"),
      { numRuns: 3_000 },
    );
  });
});

describe("the URL of a webhook endpoint in local development", () => {
  it("may be http, and may have a host on this machine and in private networks", () => {
    const urls = [
      "http://127.0.0.1:9000/hook",
      "http://localhost:9000/",
      "https://localhost/",
      "http://[::1]:9000/",
      "http://10.1.2.3/",
      "http://172.16.0.1/",
      "http://192.168.1.1/",
      "http://[fd00::1]/",
      "http://receiver/hook",
      "http://[::ffff:127.0.0.1]/",
      "http://nas.local/",
      "https://example.com/",
      "http://8.8.8.8/",
    ];
    for (const url of urls) assert(checkWebhookUrl(url, true).ok, url);
    fc.assert(fc.property(written(fc.oneof(loopback, privateNetworks)), (host) => isAccepted(host, true)));
  });

  it("must not be a link-local, metadata, shared, reserved or multicast address, in any notation", () => {
    fc.assert(
      fc.property(written(neverAllowed), (host) => !isAccepted(host, true)),
      { numRuns: 3_000 },
    );
    const others = [
      "[fe80::1]",
      "[fd00:ec2::254]",
      "[fd00:ec2:0:0::254]",
      "[fd20:ce::254]",
      "[fec0::1]",
      "[ff02::1]",
      "[::]",
    ];
    for (const host of others) assert(!isAccepted(host, true), host);
  });

  it("must follow all other rules", () => {
    const urls = [
      "ftp://localhost/",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "http://user:password@localhost/",
      "http://localhost/#part",
      "http://local\thost/",
      "http:\\\\localhost",
      " http://localhost/",
      "localhost",
      "",
    ];
    for (const url of urls) assert(!checkWebhookUrl(url, true).ok, url);
  });
});

describe("an address that a webhook would be sent to", () => {
  it("is allowed when it is public unicast", () => {
    for (const address of ["1.1.1.1", "8.8.8.8", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450::1"]) {
      assert(isAllowedAddress(address, false), address);
    }
  });

  it("is refused when it is anything else, also in notations that only some programs accept", () => {
    const addresses = [
      "",
      "example.com",
      "127.0.0.1",
      "::1",
      "0.0.0.0",
      "::",
      "::ffff:127.0.0.1",
      "2130706433",
      "134744072",
      "127.1",
      "010.0.0.1",
      "0x8.8.8.8",
      "8.8.8.8 ",
      "8.8.8.8.",
      "8.8.8.8/32",
      "[2606:4700::1]",
      "2606:4700::1%eth0",
    ];
    for (const address of addresses) assert(!isAllowedAddress(address, false), address);
    assert(!isAllowedAddress("fd00:ec2::254%1", true));
    assert(!isAllowedAddress("undefined", true));
  });

  it("never makes the check throw, for any text", () => {
    const pieces = fc.constantFrom("0", "1", "255", ".", ":", "::", "ffff", "%", "0x", "/", "[", "٣");
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: pieces }), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(texts, fc.boolean(), (text, allow) => typeof isAllowedAddress(text, allow) === "boolean"),
      { numRuns: 3_000 },
    );
  });

  it("is the host of its URL without brackets and trailing dots", () => {
    const hosts = ["https://[::1]/", "https://example.com./", "https://example.com../", "https://10.0.0.1:8443/"];
    assert.deepEqual(
      hosts.map((url) => hostOf(new URL(url))),
      ["::1", "example.com", "example.com", "10.0.0.1"],
    );
  });
});
