// Short checks of answers tell whether they came from the API or from something else, such as a proxy; they stand
// beside the types in this folder. A test compares the types with the OpenAPI document field by field; no call does
// that. (test/e2e/sdk/sdk-contract.test.ts; a published package cannot depend on the schemas of its repository.)

/** Tells whether a parsed answer has the expected type. */
export type Shape<T> = (value: unknown) => value is T;

/** Any JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses JSON; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
