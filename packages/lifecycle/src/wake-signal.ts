/** A sleep that `wake` interrupts. One caller sleeps at a time. */
export type WakeSignal = Readonly<{
  /** Ends the current sleep; without one, the next sleep ends at once. */
  wake: () => void;
  sleep: (ms: number) => Promise<void>;
}>;

export function createWakeSignal(): WakeSignal {
  let isWoken = false;
  let endSleep: (() => void) | undefined;
  return {
    wake: () => {
      isWoken = true;
      endSleep?.();
    },
    sleep: async (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      endSleep = resolve;
      if (isWoken) resolve();
      await promise;
      clearTimeout(timer);
      isWoken = false;
      endSleep = undefined;
    },
  };
}
