import { TypeBoxValidatorCompiler as validatorCompiler } from "@fastify/type-provider-typebox";

/**
 * Options of a route whose body must be of exactly the types that its schema says: Fastify's own validator would take
 * null for 0, and "1" for 1.
 */
export const strictly = { validatorCompiler };
