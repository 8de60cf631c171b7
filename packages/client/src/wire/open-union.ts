/** One of the known strings, or one that a newer server has added. */
export type OpenUnion<Known extends string> = Known | (string & Record<never, never>);
