// Loaded with `--import` before a service: the service ends at the failpoint that the test names in a message, as by
// SIGKILL. It says so in its log, and nothing runs after that.
import { writeSync } from "node:fs";
import { watchFailpoints } from "@onsale/lifecycle/failpoints";
import { type CrashRequest, crashLine, readCrashRequest } from "./crash-request.ts";

let awaited: CrashRequest | undefined;
let reachedCount = 0;

watchFailpoints((name) => {
  if (name !== awaited?.crashAt || ++reachedCount < awaited.time) return;
  writeSync(process.stderr.fd, `${crashLine(name)}\n`);
  process.kill(process.pid, "SIGKILL");
  // The signal ends all threads, but a system may deliver it a moment later.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0);
});

process.on("message", (message) => {
  awaited = readCrashRequest(message);
  reachedCount = 0;
  process.send?.({ awaits: awaited.crashAt });
});
// It must not keep a service alive that has nothing else to do.
process.channel?.unref();
