import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { choice, integer, text } from "./kinds.ts";
import { ConfigError, loadConfig, type Setting } from "./load-config.ts";

const settings = {
  port: integer("PORT", { min: 0, max: 65_535, default: 8080 }, "A port."),
  workers: integer("WORKERS", { min: 1, max: 32, default: 1 }, "How many."),
  level: choice("LOG_LEVEL", ["info", "warn"], "info", "A level."),
  folder: text("DATA_DIR", ".data", "A folder."),
};
const defaults = { port: 8080, workers: 1, level: "info", folder: ".data" };

describe("loadConfig", () => {
  it("reads each setting from its variable and ignores the rest of the environment", () => {
    const environment = { PORT: "0", WORKERS: "4", LOG_LEVEL: "warn", DATA_DIR: "/data", PATH: "/bin", port: "x" };
    assert.deepEqual(loadConfig(settings, environment), { port: 0, workers: 4, level: "warn", folder: "/data" });
  });

  it("treats an empty variable as not set", () => {
    assert.deepEqual(loadConfig(settings, {}), defaults);
    assert.deepEqual(loadConfig(settings, { PORT: "", WORKERS: "", LOG_LEVEL: "", DATA_DIR: undefined }), defaults);
  });

  it("reports every variable with a bad value at once, and no other", () => {
    const faultyVariables = fc.subarray(["PORT", "WORKERS", "LOG_LEVEL"], { minLength: 1 });
    fc.assert(
      fc.property(faultyVariables, (variables) => {
        const environment = Object.fromEntries(variables.map((variable) => [variable, "bad"]));
        assert.throws(
          () => loadConfig(settings, environment),
          (error) => {
            assert(error instanceof ConfigError);
            assert.deepEqual(
              error.faults.map((fault) => fault.split(" ", 1)[0]),
              variables,
            );
            assert(error.faults.every((fault) => error.message.includes(fault)));
            return true;
          },
        );
      }),
    );
  });

  it("returns a frozen object", () => {
    const config = loadConfig(settings, {});
    assert(Object.isFrozen(config));
    assert.throws(() => Object.assign(config, { port: 1 }), TypeError);
  });

  it("passes on any other error unchanged", () => {
    const bug = new TypeError("a bug");
    const broken: Setting<string> = {
      ...settings.folder,
      parse: () => {
        throw bug;
      },
    };
    assert.throws(
      () => loadConfig({ broken }, {}),
      (error) => error === bug,
    );
  });
});
