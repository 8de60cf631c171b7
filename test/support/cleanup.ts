// What a test starts ends with it, what a suite starts with the suite (where it says so) or with the test file: an idle
// installation takes a tenth of a processor, which the tests after it need.
import { after, afterEach, before, beforeEach } from "node:test";

const tasks: (() => unknown)[] = [];
const taskMaxMs = 45_000;

/** A task that fails or hangs must not keep the others: what they would end would keep the file from ending. */
async function endDownTo(count: number): Promise<void> {
  const errors: unknown[] = [];
  for (const task of tasks.splice(count).reverse()) {
    await withDeadline(task).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, "what was started could not be ended");
}

// Registered while the test file is read, so these are for all of its tests, and the last one runs when they are over.
let countBeforeTest = 0;
beforeEach(() => {
  countBeforeTest = tasks.length;
});
afterEach(() => endDownTo(countBeforeTest));
after(() => endDownTo(0));

/** Ends what a suite starts when it is over; called in the suite, before it starts anything. */
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

/** Does something when the test, the suite or the file ends in which this is called: what was begun last is ended first. */
export function atEnd(task: () => unknown): void {
  tasks.push(task);
}
