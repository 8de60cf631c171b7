// Runs clean-up tasks at the end of a test, of a suite that calls `endWithSuite`, or of the test file. An idle
// installation takes a tenth of a processor, which later tests need, so it should end as early as possible.
import { after, afterEach, before, beforeEach } from "node:test";
import { isTestFile } from "./config.ts";

const tasks: (() => unknown)[] = [];
const taskMaxMs = 45_000;

/** Runs every task, even when another fails or hangs: a process that is left running keeps the file from ending. */
async function endDownTo(count: number): Promise<void> {
  const errors: unknown[] = [];
  for (const task of tasks.splice(count).reverse()) {
    await withDeadline(task).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, "clean-up tasks failed");
}

/** For programs that are no tests, such as `npm run chaos`: runs all clean-up tasks. */
export const endAll = () => endDownTo(0);

// Registered while the test file loads, so they cover all of its tests. A program without tests would get a report of
// none at its end.
if (isTestFile()) {
  let countBeforeTest = 0;
  beforeEach(() => {
    countBeforeTest = tasks.length;
  });
  afterEach(() => endDownTo(countBeforeTest));
  after(endAll);
}

/** Runs the clean-up tasks of a suite at its end; the suite calls this before it starts anything. */
export function endWithSuite(): void {
  let countBeforeSuite = 0;
  before(() => {
    countBeforeSuite = tasks.length;
  });
  after(() => endDownTo(countBeforeSuite));
}

async function withDeadline(task: () => unknown): Promise<void> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`a clean-up took longer than ${taskMaxMs} ms`)), taskMaxMs);
  try {
    await Promise.race([Promise.resolve().then(task), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Registers a clean-up task for the end of the current test, suite or file. The last registered task runs first. */
export function atEnd(task: () => unknown): void {
  tasks.push(task);
}
