/** A violated promise, how often it was violated, and a few examples. */
export type Fault = Readonly<{ what: string; count: number; examples: readonly string[] }>;

export type Faults = ReturnType<typeof createFaults>;

const exampleCountMax = 5;

/** Counts violations by what was violated. */
export function createFaults() {
  const faults = new Map<string, { count: number; examples: string[] }>();
  return {
    note(what: string, example: string): void {
      const fault = faults.get(what) ?? { count: 0, examples: [] };
      faults.set(what, fault);
      fault.count++;
      if (fault.examples.length < exampleCountMax) fault.examples.push(example);
    },
    list: (): Fault[] => [...faults].map(([what, { count, examples }]) => ({ what, count, examples })),
  };
}
