/** A limit to how many may wait or listen at a time, whichever way they do it. */
export type Room = Readonly<{
  /** @returns how to leave, or undefined when there is no room */
  enter: () => (() => void) | undefined;
}>;

export function createRoom(countMax: number): Room {
  let count = 0;
  return {
    enter: () => {
      if (count >= countMax) return undefined;
      count++;
      let isInside = true;
      return () => {
        if (isInside) count--;
        isInside = false;
      };
    },
  };
}
