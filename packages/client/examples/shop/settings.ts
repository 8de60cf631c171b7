// Settings of the environment that are numbers.

/** Limits of Onsale's `holdSeconds`. */
export const holdSecondsLimits = { min: 30, max: 3_600 } as const;
export const portLimits = { min: 0, max: 65_535 } as const;

/** Reads a whole number; throws an error that says what is allowed. */
export function readWhole(name: string, ifMissing: number, { min, max }: Readonly<{ min: number; max: number }>) {
  const value = Number(process.env[name] ?? ifMissing);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name} must be a whole number from ${min} to ${max}.`);
}
