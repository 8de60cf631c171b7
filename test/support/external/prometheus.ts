import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import { parseDocument } from "yaml";
import { atEnd } from "../cleanup.ts";
import { until, untilTrue } from "../until.ts";
import { prometheusFolder } from "./monitoring.ts";

const Answer = Type.Object({ status: Type.String(), error: Type.Optional(Type.String()) });
const QueryAnswer = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        value: Type.Tuple([Type.Number(), Type.String()]),
      }),
    ),
  }),
});
const RulesAnswer = Type.Object({
  data: Type.Object({
    groups: Type.Array(
      Type.Object({
        rules: Type.Array(
          Type.Object({
            name: Type.String(),
            health: Type.String(),
            lastError: Type.Optional(Type.String()),
            state: Type.Optional(Type.String()),
          }),
        ),
      }),
    ),
  }),
});

/** One series of an answer. */
export type Sample = Readonly<{ labels: Readonly<Record<string, string>>; value: number }>;

/** A Prometheus with this repository's configuration, with the addresses of a test's processes as targets. */
export type TestPrometheus = Readonly<{
  /** @throws Error with Prometheus's message about the expression */
  query: (expression: string) => Promise<Sample[]>;
  rules: () => Promise<{ name: string; health: string; lastError?: string; state?: string }[]>;
}>;

/** Starts Prometheus; it is ended as cleanup.ts says. `targets` are addresses by job. */
export async function startPrometheus(targets: Readonly<Record<string, readonly string[]>>): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), "onsale-prometheus-"));
  cpSync(prometheusFolder, folder, { recursive: true });
  const configFile = join(folder, "prometheus.yml");
  const config = parseDocument(readFileSync(configFile, "utf8"));
  for (const [index, [job, addresses]] of Object.entries(targets).entries()) {
    if (config.getIn(["scrape_configs", index, "job_name"]) !== job) throw new Error(`job ${index} is not ${job}`);
    config.deleteIn(["scrape_configs", index, "dns_sd_configs"]);
    config.setIn(["scrape_configs", index, "static_configs"], [{ targets: addresses }]);
  }
  // Shorter than in production, so that tests wait less.
  config.setIn(["global", "scrape_interval"], "1s");
  config.setIn(["global", "scrape_timeout"], "1s");
  config.setIn(["global", "evaluation_interval"], "1s");
  writeFileSync(configFile, config.toString());
  const objectivesFile = join(folder, "slo.yml");
  const objectives = parseDocument(readFileSync(objectivesFile, "utf8"));
  objectives.deleteIn(["groups", 0, "interval"]);
  writeFileSync(objectivesFile, objectives.toString());

  const url = `http://127.0.0.1:${await findFreePort()}`;
  const server = spawn(
    "prometheus",
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${new URL(url).host}`,
      "--log.level=warn",
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const exited = once(server, "exit");
  atEnd(async () => {
    server.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  await untilTrue("Prometheus is ready", async () => (await fetch(`${url}/-/ready`)).ok, 30_000);

  async function ask(path: string): Promise<unknown> {
    const body: unknown = await (await fetch(`${url}/api/v1/${path}`)).json();
    const { status, error } = Parse(Answer, body);
    if (status !== "success") throw new Error(error ?? status);
    return body;
  }
  return {
    query: async (expression) => {
      const { data } = Parse(QueryAnswer, await ask(`query?query=${encodeURIComponent(expression)}`));
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    rules: async () => Parse(RulesAnswer, await ask("rules")).data.groups.flatMap((group) => group.rules),
  };
}

/** Waits until the only value of a query passes `isGood`. */
export function untilValue(
  prometheus: TestPrometheus,
  expression: string,
  isGood: (value: number) => boolean,
): Promise<number> {
  const find = async () => {
    const [sample] = await prometheus.query(expression);
    return sample !== undefined && isGood(sample.value) ? sample.value : undefined;
  };
  return until(`${expression} has the expected value`, find, 40_000);
}
