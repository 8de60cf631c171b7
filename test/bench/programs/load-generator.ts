// A load generator in a separate process, so that its CPU time can be measured apart from the system under test. Its
// only argument is its plan, in JSON. It reports over IPC when its connections are open, begins at the first message
// that it gets, and sends its report. Then it runs on until it is killed, so that its CPU time can still be read.
import type { LoadPlan } from "../load/plan.ts";
import { openLoad } from "../load/send-load.ts";

const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
process.once("disconnect", () => process.exit(0));
const begin = await openLoad(plan);
process.once("message", async () => {
  process.send?.({ report: await begin() });
});
process.send?.({ ready: true });
