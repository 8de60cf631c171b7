// Completes the OpenAPI document that is generated from the routes' schemas: adds the examples of parameters, bodies
// and answers, and the webhooks. It is done once, when somebody first asks for the document: a gateway starts without.
import { type ProblemCode, problemCatalogue } from "@onsale/contracts/problem";
import { basePath } from "@onsale/contracts/values";
import { pathExamples } from "./examples/ids.ts";
import type { Example, ExamplesByOperation, OperationExamples } from "./examples/operation-examples.ts";
import { exampleProblem } from "./examples/problems.ts";

type Examples = Readonly<Record<string, Partial<Example>>>;
type Content = Readonly<Record<string, Readonly<{ schema: object; examples?: Examples }>>>;
type Answer = Readonly<{ description: string; headers?: object; content?: Content }>;

export type Parameter = Readonly<{
  in: string;
  name: string;
  required?: boolean;
  description?: string;
  schema: object;
  example?: unknown;
}>;

export type Operation = Readonly<{
  operationId: string;
  summary: string;
  description?: string;
  tags: readonly string[];
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ required?: boolean; content: Content }>;
  responses: Readonly<Record<string, Answer>>;
  security?: readonly Readonly<Record<string, readonly string[]>>[];
}>;

/** The parts of the document that are completed. */
export type OpenApiDocument = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  webhooks?: Readonly<Record<string, Readonly<{ post: Operation }>>>;
}>;

type Values = Readonly<Record<string, string | number>>;

const problemMediaType = "application/problem+json";
/** A form sends these headers as their examples have them. Every other optional parameter begins empty. */
const prefilledHeaders: readonly string[] = ["idempotency-key", "prefer"];

/** The document with all examples and these webhooks. */
export function completeDocument<Document extends OpenApiDocument>(
  document: Document,
  examples: ExamplesByOperation,
  webhooks: OpenApiDocument["webhooks"],
): Document {
  const paths = mapValues(document.paths, (operations, path) => {
    const values = pathExamples[resourceOf(path)] ?? {};
    return mapValues(operations, (operation) =>
      completeOperation(operation, examples[operation.operationId], values, path),
    );
  });
  return { ...document, paths, webhooks };
}

function completeOperation(
  operation: Operation,
  examples: OperationExamples | undefined,
  values: Values,
  path: string,
): Operation {
  const { parameters, requestBody, responses, security } = operation;
  const instance = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => String(values[name]));
  const scope = Object.values(security?.[0] ?? {}).flat()[0] ?? "";
  const problemExample = (code: string) => (isProblemCode(code) ? exampleProblem(code, instance, scope) : undefined);
  const request = examples?.request;
  return {
    ...operation,
    ...(parameters !== undefined && {
      parameters: parameters.map((parameter) => completeParameter(parameter, values)),
    }),
    ...(requestBody !== undefined &&
      request !== undefined && {
        requestBody: { ...requestBody, content: withExamples(requestBody.content, request) },
      }),
    responses: mapValues(responses, (answer, status) => {
      if (answer.content === undefined) return answer;
      return { ...answer, content: completeAnswer(answer.content, examples?.answers[Number(status)], problemExample) };
    }),
  };
}

function completeAnswer(
  content: Content,
  examples: Examples | undefined,
  problemExample: (code: string) => object | undefined,
): Content {
  return mapValues(content, (media, mediaType) => {
    if (mediaType !== problemMediaType) return examples === undefined ? media : { ...media, examples };
    const problems = mapValues(media.examples ?? {}, (example, code) => ({ ...example, value: problemExample(code) }));
    return { ...media, examples: problems };
  });
}

function withExamples(content: Content, examples: Examples): Content {
  return mapValues(content, (media) => ({ ...media, examples }));
}

function completeParameter(parameter: Parameter, values: Values): Parameter {
  if (parameter.in === "path") return { ...parameter, example: values[parameter.name] };
  const { example, ...rest } = parameter;
  if (example === undefined || rest.required === true || prefilledHeaders.includes(rest.name)) return parameter;
  return { ...rest, schema: { ...rest.schema, examples: [example] } };
}

/** What follows the base path, such as `events`. */
function resourceOf(path: string): string {
  return path.startsWith(`${basePath}/`) ? (path.slice(basePath.length + 1).split("/")[0] ?? "") : "";
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemCatalogue, code);
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
