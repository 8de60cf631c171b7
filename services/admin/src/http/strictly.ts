import { TypeBoxValidatorCompiler as validatorCompiler } from "@fastify/type-provider-typebox";
import { isRfc3339Time, isUsableTime } from "@onsale/contracts/time";
import Format from "typebox/format";

// TypeBox's own rule takes leap seconds, of which `Date` makes an invalid time.
Format.Set("date-time", (text) => isRfc3339Time(text) && isUsableTime(new Date(text)));

/**
 * Options of a route whose body must be of exactly the types that its schema says: Fastify's own validator would take
 * null for 0, and "1" for 1.
 */
export const strictly = { validatorCompiler };
