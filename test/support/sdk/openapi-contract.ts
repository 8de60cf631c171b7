// Compares schemas and calls with the OpenAPI document of a gateway.
import { strict as assert } from "node:assert";

type Schema = Readonly<{
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly string[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: boolean;
}>;
type Operation = Readonly<{
  parameters?: readonly Readonly<{ in: string; name: string; required?: boolean }>[];
  requestBody?: Readonly<{ content: Readonly<Record<string, Readonly<{ schema: Schema }>>> }>;
  responses: Readonly<Record<string, Readonly<{ content?: Readonly<Record<string, unknown>> }>>>;
}>;
/** What the comparison reads of an OpenAPI document. */
export type OpenApiDocument = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{ schemas: Readonly<Record<string, Schema>> }>;
}>;

type Schemas = OpenApiDocument["components"]["schemas"];

function resolve(schemas: Schemas, schema: Schema | undefined): Schema {
  assert(schema, "the OpenAPI document has this schema");
  if (schema.$ref === undefined) return schema;
  return resolve(schemas, schemas[schema.$ref.replace("#/components/schemas/", "")]);
}

/** A schema of the document in the notation of `Described`. */
export function describeSchema(schemas: Schemas, given: Schema | undefined): unknown {
  const schema = resolve(schemas, given);
  if (Array.isArray(schema.type)) {
    const [type, ...others] = schema.type.filter((name) => name !== "null");
    assert(typeof type === "string" && others.length === 0);
    return { orNull: describeSchema(schemas, { ...schema, type }) };
  }
  if (schema.enum !== undefined) return { oneOf: Object.fromEntries(schema.enum.map((value) => [value, true])) };
  if (schema.type === "array") return [describeSchema(schemas, schema.items)];
  if (schema.type !== "object") return schema.type === "integer" ? "number" : schema.type;
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    return [schema.required?.includes(name) ? name : `${name}?`, describeSchema(schemas, field)];
  });
  return Object.fromEntries(fields);
}

/** Headers that OpenAPI does not list as parameters. */
const ordinaryHeaders = ["accept", "authorization", "content-type"];

/** Fails unless the call and its answer are as the document describes them. Returns the call's name. */
export function checkCall(document: OpenApiDocument, url: URL, init: RequestInit, response: Response): string {
  const method = init.method ?? "GET";
  const matches = (path: string) => new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(url.pathname);
  const paths = Object.keys(document.paths).filter(matches);
  const parameterCount = (path: string) => path.split("{").length;
  // A path with fewer parameters takes precedence.
  const path = paths.sort((a, b) => parameterCount(a) - parameterCount(b))[0] ?? url.pathname;
  const name = `${method} ${path}`;
  const operation = document.paths[path]?.[method.toLowerCase()];
  assert(operation, `${name} is not in the OpenAPI document`);

  const { parameters = [] } = operation;
  const headers = [...new Headers(init.headers).keys()].filter((header) => !ordinaryHeaders.includes(header));
  for (const [place, sent] of [["query", [...url.searchParams.keys()]] as const, ["header", headers] as const]) {
    const known = parameters.filter((parameter) => parameter.in === place);
    const names = known.map((parameter) => parameter.name);
    for (const one of sent) assert(names.includes(one), `${name} has no ${place} parameter ${one}`);
    for (const one of known) assert(!one.required || sent.includes(one.name), `${name} needs the ${place} ${one.name}`);
  }
  checkBody(document.components.schemas, name, operation, init.body);
  const answer = operation.responses[response.status];
  assert(answer, `${name} is not documented to answer ${response.status}`);
  const mediaType = response.headers.get("content-type")?.split(";")[0];
  assert(mediaType === undefined || mediaType in (answer.content ?? {}), `${name} does not answer ${mediaType}`);
  return name;
}

function checkBody(schemas: Schemas, name: string, operation: Operation, body: unknown): void {
  const given = operation.requestBody?.content["application/json"]?.schema;
  if (given === undefined) {
    assert.equal(body, undefined, `${name} takes no body`);
    return;
  }
  const { properties = {}, required = [] } = resolve(schemas, given);
  const fields = Object.keys(JSON.parse(String(body)));
  for (const field of fields) assert(field in properties, `${name}: the body has no field ${field}`);
  for (const field of required) assert(fields.includes(field), `${name}: the body needs ${field}`);
}
