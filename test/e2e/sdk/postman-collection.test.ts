// The Postman collection: it has every operation of the OpenAPI document, and runs against a real installation.
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { clientFolder } from "../../support/sdk/packed-client.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { webhookSettings } from "../../support/webhooks/webhooks.ts";

type Header = Readonly<{ key: string; value: string }>;
type Request = Readonly<{ method: string; header: readonly Header[]; url: Readonly<{ path: readonly string[] }> }>;
type Folder = Readonly<{ name: string; item: readonly Readonly<{ name: string; request: Request }>[] }>;
type Document = Readonly<{ paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>;

const run = promisify(execFile);
const postman = join(clientFolder, "examples", "postman");
const collectionFile = join(postman, "onsale.postman_collection.json");
const environmentFile = join(postman, "local.postman_environment.json");
const { item: folders }: Readonly<{ item: readonly Folder[] }> = JSON.parse(readFileSync(collectionFile, "utf8"));
const requests = folders.flatMap(({ item }) => item.map(({ request }) => request));
/** Its stream ends when the client leaves. */
const endless = "Without an end";

/** A path of the document or of the collection, with its parameters without their names. */
const anonymous = (path: string) => path.replaceAll(/\{\{?\w+\}?\}/g, "{}");

describe("the Postman collection", () => {
  let installation: Installation;

  before(async () => {
    const CUSTOMER_KEY = Buffer.alloc(32, 7).toString("base64");
    installation = await startInstallation(postgresQueues, { settings: { ...webhookSettings(), CUSTOMER_KEY } });
  });

  it("has every operation of the API, and no other", async () => {
    const answer = await fetch(`${installation.api.baseUrl}/openapi.json`);
    const { paths }: Document = JSON.parse(await answer.text());
    const documented = Object.entries(paths).flatMap(([path, operations]) => {
      return Object.keys(operations).map((method) => `${method.toUpperCase()} ${anonymous(path)}`);
    });
    // A request may have an example in place of a parameter, such as a ticket type.
    const operationOf = ({ method, url }: Request) => {
      const asked = `${method} ${anonymous(`/${url.path.join("/")}`)}`;
      if (documented.includes(asked)) return asked;
      return documented.find((one) => new RegExp(`^${one.replaceAll("{}", "[^/]+")}$`).test(asked)) ?? asked;
    };
    assert.deepEqual([...new Set(requests.map(operationOf))].sort(), documented.sort());
  });

  it("sends a new idempotency key each time, but for the request that shows a repetition", () => {
    const keys = requests.flatMap(({ header }) => header.filter(({ key }) => key === "Idempotency-Key"));
    const values = keys.map(({ value }) => value);
    assert(values.length >= 5 && values.every((value) => value === "{{$guid}}" || value === "{{key}}"));
    assert.equal(values.filter((value) => value === "{{key}}").length, 2);
  });

  it("runs from top to bottom, and again", async () => {
    const program = join(clientFolder, "..", "..", "node_modules", ".bin", "newman");
    const names = folders.map(({ name }) => name).filter((name) => name !== endless);
    const chosen = names.flatMap((name) => ["--folder", name]);
    const options = ["--environment", environmentFile, "--env-var", `baseUrl=${installation.api.baseUrl}`];
    const twice = ["--iteration-count", "2", "--color", "off"];
    // When a test of the collection fails, the error has what newman prints.
    const { stdout } = await run(program, ["run", collectionFile, ...options, ...chosen, ...twice]);
    const count = requests.length - (folders.find(({ name }) => name === endless)?.item.length ?? 0);
    assert.match(stdout, new RegExp(`requests │ +${2 * count} │ +0 `));
    // Each request has a test of its status, and most have another one.
    const assertions = Number(/assertions │ +(\d+) │ +0 /.exec(stdout)?.[1]);
    assert(assertions > 3 * count, stdout);
  });
});
