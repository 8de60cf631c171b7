import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer as createHttpsServer } from "node:https";
import { describe, it } from "node:test";
import tls from "node:tls";
import { atEnd } from "../../support/cleanup.ts";
import { testCertificate, testKey } from "../../support/webhooks/certificate.ts";
import {
  body,
  headers,
  newPoster,
  ok,
  portOf,
  post,
  startRawReceiver,
  write,
} from "../../support/webhooks/raw-receiver.ts";

/** Resolves names as a test says: the first answer for the first query, and the last answer for all further ones. */
function fakeDns(...answers: readonly (readonly string[])[]) {
  const queries: string[] = [];
  const resolve = async (hostname: string) => {
    const addresses = answers[Math.min(queries.length, answers.length - 1)] ?? [];
    queries.push(hostname);
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { queries, resolve };
}

describe("connections to a receiver", () => {
  it("are reused, without another DNS query", async () => {
    const receiver = await startRawReceiver(write(ok));
    const { queries, resolve } = fakeDns(["127.0.0.1"]);
    const poster = newPoster({ resolve });
    for (let n = 0; n < 3; n++) {
      const { result } = await poster.post(`http://receiver.test:${receiver.port}/`, headers, body);
      assert.equal(result, "delivered");
    }
    assert.deepEqual([receiver.requests.length, receiver.sockets.length, queries], [3, 1, ["receiver.test"]]);
  });

  it("that the receiver closed while they were idle lose no delivery: the POST is repeated on a new one", async () => {
    const receiver = await startRawReceiver((socket, requestCount) =>
      // The second request uses the first one's connection.
      requestCount === 2 ? socket.resetAndDestroy() : socket.write(ok),
    );
    const poster = newPoster();
    for (let n = 0; n < 2; n++) assert.equal((await poster.post(receiver.url, headers, body)).result, "delivered");
    assert.deepEqual([receiver.requests.length, receiver.sockets.length], [3, 2]);
    for (const request of receiver.requests) assert.match(request, /\r\nwebhook-id: msg-1\r\n/);
  });

  it("that the receiver closes after each answer lose no delivery", async () => {
    const receiver = await startRawReceiver((socket) => socket.end(ok));
    const poster = newPoster();
    for (let n = 0; n < 20; n++) assert.equal((await poster.post(receiver.url, headers, body)).result, "delivered");
  });

  it("carry at most two POSTs for an attempt", async () => {
    const receiver = await startRawReceiver((socket, requestCount) =>
      requestCount === 1 ? socket.write(ok) : socket.resetAndDestroy(),
    );
    const poster = newPoster();
    assert.equal((await poster.post(receiver.url, headers, body)).result, "delivered");
    assert.equal((await poster.post(receiver.url, headers, body)).result, "network-error");
    assert.equal(receiver.requests.length, 3);
  });

  it("that break in the middle of an answer are not followed by a second POST", async () => {
    const receiver = await startRawReceiver((socket, requestCount) =>
      requestCount === 1 ? socket.write(ok) : socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"),
    );
    const poster = newPoster();
    assert.equal((await poster.post(receiver.url, headers, body)).result, "delivered");
    assert.equal((await poster.post(receiver.url, headers, body)).result, "network-error");
    assert.equal(receiver.requests.length, 2);
  });

  it("are given up when the name is not resolved in time", async () => {
    const { promise: never } = Promise.withResolvers<never>();
    const outcome = await post("http://receiver.test/", { resolve: () => never, connectMaxMs: 200 });
    assert.deepEqual([outcome.result, outcome.error], ["timeout", "no connection within 200 ms"]);
  });

  it("are given up when TLS is not agreed on in time", async () => {
    const receiver = await startRawReceiver(write(ok));
    const outcome = await post(`https://127.0.0.1:${receiver.port}/`, { connectMaxMs: 200 });
    assert.deepEqual([outcome.result, outcome.error], ["timeout", "no connection within 200 ms"]);
    assert.equal(receiver.sockets.length, 1);
  });

  it("fail when the name has no address", async () => {
    const { resolve } = fakeDns([]);
    assert.equal((await post("http://receiver.test/", { resolve })).result, "network-error");
    const notFound = Object.assign(new Error("getaddrinfo ENOTFOUND receiver.test"), { code: "ENOTFOUND" });
    const unknown = () => Promise.reject(notFound);
    const outcome = await post("http://receiver.test/", { resolve: unknown });
    assert.deepEqual([outcome.result, outcome.error], ["network-error", "its host name could not be resolved"]);
  });

  it("by https need a certificate for the name from a trusted authority", async () => {
    let requestCount = 0;
    const server = createHttpsServer({ key: testKey, cert: testCertificate }, (_request, response) => {
      requestCount++;
      response.end("ok");
    }).listen(0, "127.0.0.1");
    atEnd(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    const { resolve } = fakeDns(["127.0.0.1"]);
    const postTo = (name: string) => post(`https://${name}:${portOf(server)}/`, { resolve });

    const untrusted = await postTo("receiver.test");
    assert.deepEqual([untrusted.result, requestCount], ["network-error", 0]);
    assert.equal(untrusted.error, "the certificate is not trusted");

    const trustedBefore = tls.getCACertificates("default");
    tls.setDefaultCACertificates([...trustedBefore, testCertificate]);
    const misnamed = await postTo("other.test");
    assert.deepEqual([misnamed.result, requestCount], ["network-error", 0]);
    const trusted = await postTo("receiver.test");
    tls.setDefaultCACertificates(trustedBefore);
    assert.deepEqual([trusted.result, trusted.responseBody, requestCount], ["delivered", "ok", 1]);
  });
});

describe("an address that webhooks may not be sent to", () => {
  /** In the public range, but in a block that is not assigned: nothing answers there. */
  const publicAddress = "2d00::1";
  const limits = { allowPrivate: false, connectMaxMs: 500, totalMaxMs: 500 };

  it("gets no connection and no DNS query when it is in the URL", async () => {
    const receiver = await startRawReceiver(write(ok));
    const { queries, resolve } = fakeDns([publicAddress]);
    const { port } = receiver;
    const hosts = ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "localhost"];
    const urls = hosts.map((host) => `https://${host}:${port}/`);
    for (const url of [...urls, receiver.url, `http://example.com:${port}/`, "", "nonsense", "file:///etc/passwd"]) {
      const outcome = await post(url, { ...limits, resolve });
      assert.deepEqual([outcome.result, outcome.status], ["refused", null], url);
    }
    assert.deepEqual([receiver.sockets.length, queries], [0, []]);
  });

  it("gets no connection when it is any of a name's addresses", async () => {
    const receiver = await startRawReceiver(write(ok));
    const url = `https://receiver.test:${receiver.port}/`;
    const answers = [
      ["127.0.0.1"],
      [publicAddress, "127.0.0.1"],
      ["127.0.0.1", publicAddress],
      [publicAddress, "8.8.8.8", "::ffff:127.0.0.1", "1.1.1.1"],
      ["::1"],
      ["169.254.169.254"],
    ];
    for (const addresses of answers) {
      const { queries, resolve } = fakeDns(addresses);
      const outcome = await post(url, { ...limits, resolve });
      assert.equal(outcome.result, "refused", addresses.join());
      assert.equal(outcome.error, "its address is not one that webhooks may be sent to");
      assert.equal(queries.length, 1);
    }
    assert.equal(receiver.sockets.length, 0);
  });

  it("gets no connection when the name resolves to it only after the check", async () => {
    const receiver = await startRawReceiver(write(ok));
    const { queries, resolve } = fakeDns([publicAddress], ["127.0.0.1"]);
    const poster = newPoster({ ...limits, resolve });
    const url = `https://receiver.test:${receiver.port}/`;
    const first = await poster.post(url, headers, body);
    assert(["network-error", "timeout"].includes(first.result), JSON.stringify(first));
    assert.equal(queries.length, 1);
    const second = await poster.post(url, headers, body);
    assert.deepEqual([second.result, queries.length], ["refused", 2]);
    assert.equal(receiver.sockets.length, 0);
  });

  it("gets no repeated POST on a new connection after a kept one failed", async () => {
    const receiver = await startRawReceiver((socket, requestCount) =>
      requestCount === 1 ? socket.write(ok) : socket.resetAndDestroy(),
    );
    const { resolve } = fakeDns(["127.0.0.1"], ["169.254.169.254"]);
    const poster = newPoster({ resolve });
    const url = `http://receiver.test:${receiver.port}/`;
    assert.equal((await poster.post(url, headers, body)).result, "delivered");
    assert.equal((await poster.post(url, headers, body)).result, "refused");
    assert.equal(receiver.requests.length, 2);
  });

  it("is a link-local or metadata address, also in local development", async () => {
    for (const address of ["169.254.169.254", "fe80::1", "168.63.129.16", "fd00:ec2::254", "0.0.0.0"]) {
      const { resolve } = fakeDns([address]);
      assert.equal((await post("http://receiver.test/", { resolve })).result, "refused", address);
      const host = address.includes(":") ? `[${address}]` : address;
      assert.equal((await post(`http://${host}/`)).result, "refused", address);
    }
  });
});
