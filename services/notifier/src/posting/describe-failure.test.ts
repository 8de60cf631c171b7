import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { describeFailure } from "./describe-failure.ts";

const coded = (code: string) => Object.assign(new Error(`connect ${code} 10.1.2.3:5432`), { code });

describe("what an endpoint's owner is told of a failed post", () => {
  it("is the kind of failure, in general words", () => {
    for (const [code, words] of [
      ["ENOTFOUND", "its host name could not be resolved"],
      ["EAI_AGAIN", "its host name could not be resolved"],
      ["ECONNREFUSED", "the connection was refused"],
      ["ECONNRESET", "the connection broke"],
      ["EHOSTUNREACH", "the host could not be reached"],
      ["HPE_INVALID_CONSTANT", "the answer is not HTTP"],
      ["HPE_HEADER_OVERFLOW", "the answer's headers are too long"],
      ["ERR_TLS_CERT_ALTNAME_INVALID", "the certificate is not for this host name"],
      ["DEPTH_ZERO_SELF_SIGNED_CERT", "the certificate is not trusted"],
      ["EPROTO", "no TLS connection could be agreed on"],
      ["ESOMETHING", "the connection was closed without a complete answer"],
    ]) {
      assert.equal(describeFailure(coded(code ?? "")), words);
    }
    assert.equal(describeFailure(new AggregateError([coded("ECONNREFUSED")])), "the connection was refused");
    for (const odd of [undefined, "10.1.2.3", new Error("10.1.2.3"), new AggregateError([])]) {
      assert.equal(describeFailure(odd), "the connection was closed without a complete answer");
    }
  });
});
