// How many posts to an endpoint may wait for an answer: as many as its receiver shows that it can take. Each quick
// success allows one more, so the number doubles with each round of answers; each failure or slow answer halves it.
export type PostWindow = Readonly<{
  /** Posts that take a place in it (posts-in-flight.ts), at most; at least 1. */
  size: () => number;
  /** Takes account of an attempt that ended. */
  note: (isDelivered: boolean, durationMs: number) => void;
}>;

const firstSize = 4;
/** Most receivers answer sooner. */
export const quickMs = 1_000;

export function createPostWindow(sizeMax: number): PostWindow {
  let size = Math.min(firstSize, sizeMax);
  return {
    size: () => size,
    note: (isDelivered, durationMs) => {
      size = isDelivered && durationMs <= quickMs ? Math.min(sizeMax, size + 1) : Math.max(1, Math.floor(size / 2));
    },
  };
}
