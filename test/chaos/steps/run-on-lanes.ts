// Trials take turns on a few installations: they mostly wait, for a lock that ends or a process that starts.

/** @returns a line for each violation, and for each trial that failed */
export async function runOnLanes<Lane, Trial>(
  lanes: readonly Lane[],
  trials: readonly Trial[],
  describe: (trial: Trial) => string,
  run: (lane: Lane, trial: Trial) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const left = [...trials];
  const found: string[] = [];
  const serve = async (lane: Lane) => {
    for (let trial = left.shift(); trial !== undefined; trial = left.shift()) {
      const violations = await run(lane, trial).catch((error: unknown) => [String(error)]);
      for (const violation of violations) found.push(`${describe(trial)}: ${violation}`);
    }
  };
  await Promise.all(lanes.map(serve));
  return found;
}
