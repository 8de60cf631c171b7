// A load generator in a separate process, so that its CPU time can be measured apart from the system under test. Its
// first message over IPC is its plan, which may be too large for an argument. It reports when its connections are open,
// begins at the next message, and sends its report. Then it runs on until it is killed, so that its CPU time can still
// be read.
import { once } from "node:events";
import type { LoadPlan } from "../load/plan.ts";
import { openLoad } from "../load/send-load.ts";

process.once("disconnect", () => process.exit(0));
const plan: LoadPlan = (await once(process, "message"))[0];
const begin = await openLoad(plan);
process.once("message", async () => {
  process.send?.({ report: await begin() });
});
process.send?.({ ready: true });
