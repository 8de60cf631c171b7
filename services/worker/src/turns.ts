/** Runs work one after the other, in the order in which it is given. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Batches and returns of one process take turns: each changes the version of the same stock, and would make the other
 * run again.
 */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => undefined);
    return result;
  };
}
