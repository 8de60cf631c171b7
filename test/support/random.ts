// Random numbers that can be drawn again: a test that fails prints its seed.

/** Numbers from 0 to 1 (mulberry32), by the seed in TEST_SEED or a new one. */
export function createRandom(): Readonly<{ random: () => number; seed: number }> {
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { random, seed };
}
