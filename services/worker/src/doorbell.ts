/** A rest that ends early when somebody comes. */
export type Doorbell = Readonly<{
  /** Ends the rest that is going on, or the next one before it begins. */
  ring: () => void;
  wait: (ms: number) => Promise<void>;
}>;

export function createDoorbell(): Doorbell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    wait: async (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      wake = resolve;
      if (hasRung) resolve();
      await promise;
      clearTimeout(timer);
      hasRung = false;
      wake = undefined;
    },
  };
}
