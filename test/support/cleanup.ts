import { after } from "node:test";

const tasks: (() => unknown)[] = [];
const taskMaxMs = 45_000;

// Registered while the test file is read, so it runs when all its tests are over. A task that fails or hangs must not
// keep the others: what they would end would keep the file from ending.
after(async () => {
  const errors: unknown[] = [];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    await withDeadline(task).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, "the test file could not clean up");
});

async function withDeadline(task: () => unknown): Promise<void> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`a clean-up took longer than ${taskMaxMs} ms`)), taskMaxMs);
  try {
    await Promise.race([Promise.resolve().then(task), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Does something when the test file ends: what was begun last is ended first. */
export function atEnd(task: () => unknown): void {
  tasks.push(task);
}
