import { strict as assert } from "node:assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { ProblemError } from "@onsale/gateway/http/problem-error";
import { createTargetCheck } from "@onsale/gateway/webhooks/webhook-target";
import { resolveInDns } from "@onsale/security/resolve-names";
import { atEnd } from "../../support/cleanup.ts";
import { untilTrue } from "../../support/until.ts";

/** `quick.test` as a question has it: each label has its length before it. */
const quickName = "\u0005quick\u0004test";

/** A DNS server that answers with 127.0.0.9 to questions for the address of `quick.test`, and never to others. */
async function startDnsServer() {
  const hanging: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    // After the name come its type and its class, two bytes each.
    const nameEnd = query.indexOf(0, 12);
    const name = query.subarray(12, nameEnd).toString("latin1");
    if (name !== quickName) {
      hanging.push(name);
      return;
    }
    const isAddressAsked = query.readUInt16BE(nameEnd + 1) === 1;
    const head = Buffer.from(query.subarray(0, nameEnd + 5));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isAddressAsked ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 9]);
    socket.send(isAddressAsked ? Buffer.concat([head, record]) : head, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  atEnd(() => socket.close());
  return { server: `127.0.0.1:${socket.address().port}`, hanging };
}

describe("names of receivers", () => {
  it("whose servers never answer delay no other name, and are given up", async () => {
    const { server, hanging } = await startDnsServer();
    const resolve = resolveInDns([server]);
    let givenUp = 0;
    const slow = Array.from({ length: 20 }, (_, index) =>
      resolve(`slow-${index}.test`).catch((error: unknown) => {
        givenUp++;
        return error;
      }),
    );
    await untilTrue("all are asked for", () => hanging.length >= 20);
    assert.deepEqual(await resolve("quick.test"), [{ address: "127.0.0.9", family: 4 }]);
    assert.equal(givenUp, 0);
    for (const error of await Promise.all(slow)) {
      assert(error instanceof Error && "code" in error && error.code === "ETIMEOUT", String(error));
    }
  });

  it("are checked when their URLs are registered, which names that hang do not delay either", async () => {
    const { server, hanging } = await startDnsServer();
    const requireTarget = createTargetCheck(false, resolveInDns([server]));
    let acceptedCount = 0;
    const slow = Array.from({ length: 20 }, (_, index) =>
      requireTarget(`https://slow-${index}.test/`).then(() => acceptedCount++),
    );
    await untilTrue("all are asked for", () => hanging.length >= 20);
    await assert.rejects(requireTarget("https://quick.test/"), (error) => {
      return error instanceof ProblemError && error.code === "webhook-url-refused" && /all public/.test(error.message);
    });
    assert.equal(acceptedCount, 0);
    // Every attempt checks them again.
    await Promise.all(slow);
    assert.equal(await requireTarget("https://1.1.1.1/"), "https://1.1.1.1/");
  });
});
