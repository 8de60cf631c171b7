import { strict as assert } from "node:assert";
import { ProblemError } from "../../../packages/client/src/index.ts";

/** Fails unless a call of the client is refused with this problem, which it returns. */
export async function assertProblem(failing: Promise<unknown>, status: number, code: string): Promise<ProblemError> {
  const error = await failing.then(
    () => assert.fail(`it was no ${code}`),
    (reason: unknown) => reason,
  );
  assert(error instanceof ProblemError, String(error));
  assert.deepEqual([error.status, error.code], [status, code]);
  return error;
}
