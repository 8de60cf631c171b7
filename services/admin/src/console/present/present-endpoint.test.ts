import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { maskUrl } from "./present-endpoint.ts";

describe("the URL of an endpoint in the console", () => {
  it("is shown as it is when nothing in it looks secret", () => {
    for (const url of ["https://shop.example.com/hooks/onsale", "http://127.0.0.1:8090/"])
      assert.equal(maskUrl(url), url);
  });

  it("has no query, no user and only the beginnings of long parts of its path", () => {
    assert.equal(
      maskUrl("https://me:word@chat.example.com/services/T0123/xK8sJ2mQ9vL4pR7t?token=hidden#top"),
      "https://chat.example.com/services/T0123/xK8s…?…",
    );
  });
});
