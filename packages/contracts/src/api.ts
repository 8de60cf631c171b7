/** The path that every route of the API begins with. */
export const basePath = "/api/v1";
