/** Under which every route of the API stands. */
export const basePath = "/api/v1";
