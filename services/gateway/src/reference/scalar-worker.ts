// A thread that sends the script of Scalar, compressed. Its plugin has the script as one text in its own source, and
// gives it to nobody but a Fastify server.
import { parentPort } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import scalar from "@scalar/fastify-api-reference";
import { fastify } from "fastify";

const app = fastify();
await app.register(scalar, { routePrefix: "/scalar", configuration: { url: "/openapi.json" } });
const { rawPayload } = await app.inject("/scalar/js/scalar.js");
parentPort?.postMessage(gzipSync(rawPayload));
