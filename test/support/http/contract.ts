import { strict as assert } from "node:assert";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

type Responses = Record<string, { content?: Record<string, { schema?: object }> }>;
type Document = Readonly<{ paths: Record<string, Record<string, { responses: Responses }>>; components: unknown }>;

/** By their text, because gateways with the same settings have the same document and compiling it takes long. */
const compiledDocuments = new Map<string, ReturnType<typeof compile>>();

/** Compares answers with the OpenAPI document of the gateway that gave them. */
export function createContract(baseUrl: string) {
  let loading: Promise<ReturnType<typeof compile>> | undefined;

  async function load() {
    const text = await (await fetch(`${baseUrl}/openapi.json`)).text();
    const known = compiledDocuments.get(text);
    if (known !== undefined) return known;
    const document: Document = JSON.parse(text);
    const compiled = compile(document);
    compiledDocuments.set(text, compiled);
    return compiled;
  }

  return {
    /** Fails when the route is documented and the answer does not match its documentation. */
    check: async (method: string, path: string, response: Response, body: unknown): Promise<void> => {
      loading ??= load();
      (await loading).check(method, path.split("?")[0] ?? "", response, body);
    },
    /** Fails when a value, such as a stream's message, does not match a schema of the document. */
    checkSchema: async (name: string, value: unknown): Promise<void> => {
      loading ??= load();
      (await loading).checkSchema(name, value);
    },
  };
}

function compile(document: Document) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // References in the document point into itself.
  ajv.addSchema({ $id: "openapi", components: document.components });
  const validators = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object) => {
    const known = validators.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
    const validator = ajv.compile(JSON.parse(text));
    validators.set(schema, validator);
    return validator;
  };
  const routes = Object.entries(document.paths).map(([pattern, methods]) => ({
    matcher: new RegExp(`^${pattern.replace(/\{[^}]+\}/g, "[^/]+")}$`),
    hasParameter: pattern.includes("{"),
    methods,
  }));
  routes.sort((a, b) => Number(a.hasParameter) - Number(b.hasParameter));

  const checkSchema = (name: string, value: unknown): void => {
    const validator = validatorOf({ $ref: `#/components/schemas/${name}` });
    assert(validator(value), `${name}: ${ajv.errorsText(validator.errors)} in ${JSON.stringify(value)}`);
  };

  const check = (method: string, path: string, response: Response, body: unknown): void => {
    const operation = routes.find(({ matcher }) => matcher.test(path))?.methods[method.toLowerCase()];
    if (operation === undefined) return;
    const where = `${method} ${path} -> ${response.status}`;
    const documented = operation.responses[String(response.status)];
    assert(documented, `${where} is not in the OpenAPI document`);
    if (body === undefined) return;
    const mediaType = response.headers.get("content-type")?.split(";")[0] ?? "";
    const schema = documented.content?.[mediaType]?.schema;
    assert(schema, `${where}: ${mediaType} is not in the OpenAPI document`);
    const validator = validatorOf(schema);
    assert(validator(body), `${where}: ${ajv.errorsText(validator.errors)} in ${JSON.stringify(body)}`);
  };
  return { check, checkSchema };
}
