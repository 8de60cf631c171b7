import { strict as assert } from "node:assert";
import { test } from "node:test";
import { OptionError, parseOptions } from "./options.ts";

test("the defaults are all runs, in three rounds of five seconds", () => {
  const { rounds, seconds, scenarios, contestants, isQuick } = parseOptions([]);
  assert.deepEqual(
    { rounds, seconds, scenarios, contestants, isQuick },
    { rounds: 3, seconds: 5, scenarios: undefined, contestants: undefined, isQuick: false },
  );
});

test("a quick run is one short round, and other options still apply", () => {
  assert.equal(parseOptions(["--quick"]).rounds, 1);
  assert.equal(parseOptions(["--quick", "--rounds=2", "--seconds", "1"]).rounds, 2);
});

test("--only distinguishes scenarios from contestants", () => {
  const { scenarios, contestants } = parseOptions(["--only", "hot-event, ceiling,onsale-postgres"]);
  assert.deepEqual(scenarios, ["hot-event"]);
  assert.deepEqual(contestants, ["ceiling", "onsale-postgres"]);
});

const faults: [string[], RegExp][] = [
  [["--rounds", "0"], /--rounds must be a whole number from 1 to 20, not "0"/],
  [["--rounds", "two"], /--rounds must be a whole number/],
  [["--seconds", "1.5"], /--seconds must be a whole number from 1 to 60, not "1.5"/],
  [["--seconds=999"], /--seconds must be/],
  [["--only", "hot-evnt"], /does not know "hot-evnt"; it knows generator, hot-event/],
  [["--only", ""], /does not know ""/],
  [["--output="], /--output needs a folder/],
  [["--fast"], /--fast/],
  [["hot-event"], /hot-event/],
];
for (const [argv, message] of faults) {
  test(`${argv.join(" ")} is refused with a message that says why`, () => {
    assert.throws(
      () => parseOptions(argv),
      (error) => error instanceof OptionError && message.test(error.message),
    );
  });
}
