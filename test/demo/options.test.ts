import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { OptionError, parseOptions } from "./options.ts";

const foundUrl = "http://127.0.0.1:8099";
const parse = (argv: readonly string[], environment: Record<string, string>) =>
  parseOptions(argv, environment, foundUrl);

describe("the options of a demo", () => {
  it("have defaults, and a new seed each time", () => {
    const { url, buyers, seconds, seed, apiKey } = parse([], {});
    assert.deepEqual([url, buyers, seconds, apiKey], [foundUrl, 20_000, 60, undefined]);
    const seeds = Array.from({ length: 20 }, () => parse([], {}).seed);
    assert(Number.isInteger(seed) && new Set(seeds).size > 1);
  });

  it("come from the arguments and the environment", () => {
    const environment = { ONSALE_URL: "http://localhost:9000/", ONSALE_API_KEY: "onsale_x" };
    const options = parse(["--buyers", "10", "--seconds", "2", "--seed", "0"], environment);
    const { url, buyers, seconds, seed, apiKey } = options;
    assert.deepEqual([url, buyers, seconds, seed, apiKey], ["http://localhost:9000", 10, 2, 0, "onsale_x"]);
  });

  it("choose a scenario, whose crowd is smaller", () => {
    const { scenario, buyers } = parse(["--scenario", "waitlist"], {});
    assert.deepEqual([scenario, buyers], ["waitlist", 2_000]);
    assert.equal(parse([], {}).scenario, undefined);
    assert.throws(() => parse(["--scenario", "family", "--buyers", "20001"], {}), OptionError);
  });

  it("send a crowd to another machine only with --i-own-this-server", () => {
    const hosts = [
      "tickets.example.com",
      "10.0.0.1",
      "localhost.example.com",
      "127.0.0.1.example.com",
      "[::2]",
      "0.0.0.0",
    ];
    for (const host of hosts) {
      const environment = { ONSALE_URL: `http://${host}` };
      assert.throws(() => parse([], environment), OptionError, host);
      assert.equal(parse(["--i-own-this-server"], environment).url, `http://${host}`);
    }
    for (const host of ["127.0.0.1", "127.8.9.1", "[::1]", "localhost"]) {
      assert.equal(parse([], { ONSALE_URL: `http://${host}` }).url, `http://${host}`);
    }
  });

  it("are refused when invalid, without showing a password", () => {
    const bad = [
      ["--buyers", "0"],
      ["--buyers", "1e3"],
      ["--buyers", "200001"],
      ["--seconds", "-1"],
      ["--seconds", "3601"],
      ["--seed", "x"],
      ["--seed"],
      ["somewhere"],
      ["--scenario", "circus"],
    ];
    for (const argv of bad) assert.throws(() => parse(argv, {}), OptionError, argv.join(" "));
    for (const url of ["localhost:8080", "ftp://localhost", "http://user:secret@localhost"]) {
      assert.throws(
        () => parse([], { ONSALE_URL: url }),
        (error) => error instanceof OptionError && !error.message.includes("secret"),
      );
    }
  });
});
