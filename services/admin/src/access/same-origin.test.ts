import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { isSameOrigin } from "./same-origin.ts";

const host = "admin.example.com:8081";

describe("a request that changes something", () => {
  it("is taken from a page of this server", () => {
    assert(isSameOrigin({ host, "sec-fetch-site": "same-origin", origin: `http://${host}` }));
    assert(isSameOrigin({ host, origin: `http://${host}` }));
    assert(isSameOrigin({ host: "Admin.Example.com", origin: "https://admin.example.com" }));
  });

  it("is taken behind a proxy that names another host, when the browser vouches for it", () => {
    assert(
      isSameOrigin({ host: "backend:8081", "sec-fetch-site": "same-origin", origin: "https://admin.example.com" }),
    );
  });

  it("is refused from other sites, from neighbours on the same site, and from the address bar", () => {
    for (const site of ["cross-site", "same-site", "none", ""]) {
      assert(!isSameOrigin({ host, "sec-fetch-site": site, origin: `http://${host}` }), site);
    }
    for (const origin of [
      "http://evil.example.com",
      "http://admin.example.com",
      "http://admin.example.com:8082",
      "http://admin.example.com:8081.evil.example.com",
      "null",
      "",
    ]) {
      assert(!isSameOrigin({ host, origin }), origin);
    }
  });

  it("is refused when nothing tells where it comes from", () => {
    assert(!isSameOrigin({ host }));
    assert(!isSameOrigin({ origin: "http://admin.example.com" }));
    assert(!isSameOrigin({}));
  });
});
