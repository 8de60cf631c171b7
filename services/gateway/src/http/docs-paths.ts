/** The path of the API reference. */
export const docsPath = "/docs";

/** The path of Swagger UI, which Spring Boot serves there, too. */
export const swaggerUiPath = "/swagger-ui";
