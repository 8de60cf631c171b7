// Keeps V8 from allocating objects among the old ones.
//
// V8 learns at which places of the code objects live long, and allocates those of later calls among old objects at once
// ("allocation site pretenuring"). In a gateway such places are those of purchases that wait for a commit. Once they
// have their answers these objects are dead, but only the next full collection finds that out, and what they refer to
// stays until then: requests, responses, buffers. Under load a third of all that was allocated was copied into the old
// heap, and an order cost a gateway up to a third more CPU time, or not, for the whole life of a process, as V8
// happened to decide in its first seconds (docs/decisions/0023-no-pretenuring.md).
import { setFlagsFromString } from "node:v8";

/** To be called before a process has work. V8 reads the flag whenever it collects garbage. */
export function allocateAllObjectsYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
