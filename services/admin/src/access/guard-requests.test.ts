import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { isSameOrigin } from "./guard-requests.ts";

const host = "admin.example.com:8081";

describe("a request that changes something", () => {
  it("is accepted from a page of this server", () => {
    assert(isSameOrigin({ host, "sec-fetch-site": "same-origin", origin: `http://${host}` }));
    assert(isSameOrigin({ host, origin: `http://${host}` }));
    assert(isSameOrigin({ host: "Admin.Example.com", origin: "https://admin.example.com" }));
  });

  it("is accepted behind a proxy that names another host, when the browser says that it is same-origin", () => {
    assert(
      isSameOrigin({ host: "backend:8081", "sec-fetch-site": "same-origin", origin: "https://admin.example.com" }),
    );
  });

  it("is refused from other sites, from other origins of the same site, and from the address bar", () => {
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

  it("is refused without a header that names its origin", () => {
    assert(!isSameOrigin({ host }));
    assert(!isSameOrigin({ origin: "http://admin.example.com" }));
    assert(!isSameOrigin({}));
  });
});
