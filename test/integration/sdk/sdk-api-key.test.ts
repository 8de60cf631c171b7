// To which servers the published client sends its API key.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, it } from "node:test";
import { getOrder, ProblemError } from "../../../packages/client/src/index.ts";
import { atEnd } from "../../support/cleanup.ts";

/** Starts a server with an origin of its own, which keeps the `Authorization` headers of its requests. */
async function startServer(answer: RequestListener) {
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close().closeAllConnections());
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return { url: `http://127.0.0.1:${address.port}`, authorizations };
}

describe("the published client's API key", () => {
  it("is sent to the API, but not to another origin after a redirect", async () => {
    const elsewhere = await startServer((_request, response) => response.writeHead(404).end());
    const api = await startServer(({ url = "" }, response) =>
      response.writeHead(307, { location: elsewhere.url + url }).end(),
    );
    await assert.rejects(getOrder({ baseUrl: api.url, apiKey: "secret" }, "an-id"), ProblemError);
    assert.deepEqual(api.authorizations, ["Bearer secret"]);
    assert.deepEqual(elsewhere.authorizations, [undefined]);
  });
});
