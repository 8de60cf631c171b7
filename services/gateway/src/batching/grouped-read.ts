// Lets reads of single values share queries: one query answers all reads that were queued while the slots were busy
// (grouper.ts).
import { createGrouper } from "./grouper.ts";

export type GroupedReadOptions<Key, Value> = Readonly<{
  /** Queries that run at a time; a small number leaves connections to other routes. */
  slotCount: number;
  groupSizeMax: number;
  /** Reads the values of all keys with one query, and returns how to find the value of each. */
  readAll: (keys: readonly Key[]) => Promise<(key: Key) => Value>;
}>;

type QueuedRead<Key, Value> = Readonly<{
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}>;

/** @returns reads one value; rejects with the error of the query */
export function createGroupedRead<Key, Value>(options: GroupedReadOptions<Key, Value>): (key: Key) => Promise<Value> {
  const { slotCount, groupSizeMax, readAll } = options;

  async function handle(group: readonly QueuedRead<Key, Value>[]): Promise<void> {
    try {
      const find = await readAll(group.map(({ key }) => key));
      for (const { key, resolve } of group) resolve(find(key));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  const grouper = createGrouper<QueuedRead<Key, Value>>({ slotCount, groupSizeMax, handle });
  return (key) => {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    grouper.add({ key, resolve, reject });
    return promise;
  };
}
