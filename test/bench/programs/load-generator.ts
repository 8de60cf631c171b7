// A load generator in a process of its own, so that its CPU time can be told from that of what it measures. Forked with
// its plan, in JSON, as the only argument; says when its connections are open, begins when it is told to, and sends its
// report. It stays until it is ended, so that its CPU time can still be read.
import type { LoadPlan } from "../load/plan.ts";
import { openLoad } from "../load/send-load.ts";

const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
process.once("disconnect", () => process.exit(0));
const begin = await openLoad(plan);
process.once("message", async () => {
  process.send?.({ report: await begin() });
});
process.send?.({ ready: true });
