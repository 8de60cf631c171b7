import { unusableTime } from "@onsale/contracts/time";
import type { FastifyError, FastifySchemaValidationError } from "fastify";
import { patternRules } from "../http/parameters.ts";

type RequestError = Partial<Pick<FastifyError, "code" | "statusCode" | "validation" | "validationContext">>;

const contextNames: Readonly<Record<string, string>> = { body: "form", querystring: "query", params: "address" };

/** Says what is wrong with a request, in a sentence for its sender: which parameter, and the rule that it breaks. */
export function describeBadRequest({ code, statusCode, validation, validationContext }: RequestError): string {
  const [fault] = validation ?? [];
  if (fault !== undefined) {
    return `In the ${contextNames[validationContext ?? ""] ?? "request"}, ${describeFault(fault)}.`;
  }
  if (statusCode === 413) return "The body of this request is too large.";
  if (statusCode === 415) return "The body of this request has an unsupported type; the login takes a form.";
  if (code === "FST_ERR_CTP_INVALID_JSON_BODY") return "The body of this request is not valid JSON.";
  return "This request is not valid; reload the page.";
}

function describeFault({ keyword, instancePath, params, message }: FastifySchemaValidationError): string {
  if (keyword === "required" && typeof params.missingProperty === "string") {
    return `${params.missingProperty} is missing`;
  }
  // As TypeBox's validator says it.
  if (keyword === "required" && Array.isArray(params.requiredProperties)) {
    return `${params.requiredProperties.join(" and ")} ${params.requiredProperties.length === 1 ? "is" : "are"} missing`;
  }
  const name = instancePath === "" ? "it" : instancePath.slice(1);
  if (keyword === "enum" && Array.isArray(params.allowedValues)) {
    return `${name} must be one of ${params.allowedValues.join(", ")}`;
  }
  // What TypeBox's validator says of a field that a closed schema does not have.
  if (keyword === "boolean") return `${name} is no known field`;
  if (keyword === "format" && params.format === "date-time") {
    return `${name} ${unusableTime}, such as 2030-05-01T19:00:00Z`;
  }
  return `${name} ${patternRules.get(String(params.pattern)) ?? message ?? "is not valid"}`;
}
