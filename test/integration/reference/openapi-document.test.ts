import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { type ProblemCode, problemCatalogue } from "@onsale/contracts/problem";
import { deliveryTypes } from "@onsale/contracts/webhook";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { createTestDatabase } from "../../support/database/database.ts";
import { startGateway } from "../../support/services/services.ts";

type Example = Readonly<{ summary?: string; value?: unknown }>;
type Media = Readonly<{ schema: object; examples?: Readonly<Record<string, Example>> }>;
type Content = Readonly<Record<string, Media>>;
type Parameter = Readonly<{
  in: string;
  name: string;
  required?: boolean;
  schema: Readonly<{ examples?: readonly unknown[] }>;
  example?: unknown;
}>;
type Operation = Readonly<{
  operationId?: string;
  summary?: string;
  tags?: readonly string[];
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ content: Content }>;
  responses: Readonly<Record<string, Readonly<{ content?: Content }>>>;
}>;
type Methods = Readonly<Record<string, Operation>>;
type Document = Readonly<{
  tags: readonly Readonly<{ name: string; description?: string }>[];
  servers: readonly unknown[];
  paths: Readonly<Record<string, Methods>>;
  webhooks: Readonly<Record<string, Methods>>;
  components: Readonly<{ securitySchemes: object }>;
}>;

const problemMediaType = "application/problem+json";

describe("the OpenAPI document", () => {
  let text: string;
  let document: Document;
  let operations: readonly (readonly [string, Operation])[];
  let validate: (schema: object, value: unknown, where: string) => void;

  before(async () => {
    const gateway = await startGateway({ DATABASE_URL: await createTestDatabase() });
    text = await (await fetch(`${gateway.url}/openapi.json`)).text();
    document = JSON.parse(text);
    operations = Object.entries({ ...document.paths, ...document.webhooks }).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    );
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    ajv.addSchema({ $id: "openapi", components: document.components });
    validate = (schema, value, where) => {
      const local = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
      const validator = ajv.compile(JSON.parse(local));
      assert(validator(value), `${where}: ${ajv.errorsText(validator.errors)} in ${JSON.stringify(value)}`);
    };
  });

  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text));
    assert(valid, JSON.stringify(errors));
    assert.equal(validator.version, "3.1");
  });

  it("names every operation once, in camel case", () => {
    const names = operations.map(([where, { operationId }]) => {
      assert.match(operationId ?? "", /^[a-z]+(?:[A-Z][a-z]+)*$/, where);
      return operationId;
    });
    assert.deepEqual([...new Set(names)], names);
    const stable = ["purchaseTickets", "getOrder", "listOrders", "confirmOrder", "cancelOrder", "extendHold"];
    const others = ["createEvent", "listEvents", "getEvent", "changeEvent", "getInventory", "setTotal", "watchOrder"];
    for (const name of [...stable, ...others, "createWebhook", "getSales"]) assert(names.includes(name), name);
  });

  it("puts each operation under a tag that it describes, and uses all of its tags", () => {
    const described = document.tags.map(({ name, description }) => {
      assert(description, name);
      return name;
    });
    const used = operations.flatMap(([where, { tags, summary }]) => {
      assert(summary, where);
      assert.equal(tags?.length, 1, where);
      return tags;
    });
    assert.deepEqual([...new Set(used)].sort(), [...described].sort());
    assert.equal(described[0], "orders");
  });

  it("has an example of every answer and of every body, and each matches its schema", () => {
    for (const [where, { requestBody, responses }] of operations) {
      const contents = Object.entries(responses).map(([status, { content }]) => [status, content] as const);
      for (const [of, content = {}] of [["request", requestBody?.content] as const, ...contents]) {
        for (const [mediaType, { schema, examples = {} }] of Object.entries(content)) {
          const place = `${where} ${of} ${mediaType}`;
          assert(Object.keys(examples).length > 0, `${place} has no example`);
          for (const [name, { summary, value }] of Object.entries(examples)) {
            assert(summary, `${place} ${name} has no summary`);
            validate(schema, value, `${place} ${name}`);
          }
        }
      }
    }
  });

  it("has examples of problems that are what a gateway answers: with the path, code and status of the answer", () => {
    const codes: readonly string[] = Object.keys(problemCatalogue);
    const isCode = (code: string): code is ProblemCode => codes.includes(code);
    for (const [path, methods] of Object.entries(document.paths)) {
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[\\w-]+")}$`);
      for (const { responses } of Object.values(methods)) {
        for (const [status, { content }] of Object.entries(responses)) {
          for (const [code, { value }] of Object.entries(content?.[problemMediaType]?.examples ?? {})) {
            assert(isCode(code), code);
            const { title, retryable } = problemCatalogue[code];
            assert.partialDeepStrictEqual(value, { code, title, status: Number(status) });
            assert(typeof value === "object" && value !== null && "instance" in value && "detail" in value);
            assert.match(String(value.instance), pattern);
            assert.notEqual(value.detail, "", path);
            if (code !== "sold-out") assert.partialDeepStrictEqual(value, { retryable });
          }
        }
      }
    }
  });

  it("has an example of every parameter, which matches its schema", () => {
    for (const [where, { parameters = [] }] of operations) {
      for (const { name, required, schema, example } of parameters) {
        const [first] = schema.examples ?? [];
        const value = example ?? first;
        assert.notEqual(value, undefined, `${where} ${name} has no example`);
        validate(schema, value, `${where} ${name}`);
        // A form would send the example of an optional filter, and find nothing.
        if (required !== true) assert.equal(example !== undefined, ["idempotency-key", "prefer"].includes(name), name);
      }
    }
  });

  it("says how to authenticate, where the server is, and what is posted to webhooks", () => {
    assert.deepEqual(Object.keys(document.components.securitySchemes), ["apiKey"]);
    assert.deepEqual(document.servers, [{ url: "/", description: "This gateway" }]);
    assert.deepEqual(Object.keys(document.webhooks), [...deliveryTypes]);
    for (const [type, { post }] of Object.entries(document.webhooks)) {
      const [example] = Object.values(post?.requestBody?.content["application/json"]?.examples ?? {});
      assert.partialDeepStrictEqual(example?.value, { type });
      const headers = post?.parameters?.map(({ name }) => name);
      assert.deepEqual(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"]);
    }
  });
});
