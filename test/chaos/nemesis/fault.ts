import type { Stack } from "../stack/stack.ts";

export type FaultContext = Readonly<{
  stack: Stack;
  random: () => number;
  /** A whole number of milliseconds between the two. */
  drawMs: (minMs: number, maxMs: number) => number;
}>;

/** What is hurt in one way at a time; faults of different groups meet each other. */
export const faultGroups = ["kills", "processes", "PostgreSQL", "Redis", "clients"] as const;
export type FaultGroup = (typeof faultGroups)[number];

/** A way to hurt a running installation. */
export type FaultKind = Readonly<{
  /** Such as `a worker is killed`. */
  name: string;
  group: FaultGroup;
  /** Whether holds may end late because of it. */
  delaysHolds: boolean;
  /** Hurts it, heals it, and resolves with how many things were hit; 0 when the fault did not bite. */
  inject: (context: FaultContext) => Promise<number>;
}>;

/** Draws one of several. */
export function draw<T>(random: () => number, from: readonly T[]): T {
  const drawn = from[Math.floor(random() * from.length)];
  if (drawn === undefined) throw new Error("there is nothing to draw from");
  return drawn;
}
