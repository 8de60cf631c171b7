/** The options of a route that everybody may call, and that the OpenAPI document does not have. */
export const publicPage = { schema: { hide: true }, config: { scope: "public" } } as const;
