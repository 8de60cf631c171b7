// Parses the rules of infra/prometheus and the dashboards of infra/grafana.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import { parse } from "yaml";
import { projectFolder } from "../services/services.ts";

export const prometheusFolder = join(projectFolder, "infra", "prometheus");
const dashboardFolder = join(projectFolder, "infra", "grafana", "dashboards");

const Rule = Type.Object({
  alert: Type.Optional(Type.String()),
  record: Type.Optional(Type.String()),
  expr: Type.String(),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
});
const RuleFile = Type.Object({ groups: Type.Array(Type.Object({ rules: Type.Array(Rule) })) });
const Target = Type.Object({ expr: Type.String(), legendFormat: Type.String() });
const Panel = Type.Object({ title: Type.String(), targets: Type.Optional(Type.Array(Target)) });
const DashboardFile = Type.Object({ title: Type.String(), panels: Type.Array(Panel) });
const RuleTests = Type.Object({
  tests: Type.Array(
    Type.Object({
      alert_rule_test: Type.Array(Type.Object({ alertname: Type.String(), exp_alerts: Type.Array(Type.Unknown()) })),
    }),
  ),
});

const ScrapeFile = Type.Object({
  scrape_configs: Type.Array(
    Type.Object({
      job_name: Type.String(),
      dns_sd_configs: Type.Array(Type.Object({ names: Type.Array(Type.String()), port: Type.Integer() })),
    }),
  ),
});

export type Alert = Readonly<{ name: string; expression: string; severity: string; runbookUrl: string }>;
/** `legend` names the labels that distinguish the series. */
export type PanelQuery = Readonly<{ where: string; expression: string; legend: string }>;

function readYaml(file: string): unknown {
  return parse(readFileSync(join(prometheusFolder, file), "utf8"));
}

/** Where Prometheus scrapes each job of docker-compose.yml: the names of containers, and the port. */
export function scrapedPorts(): { job: string; names: readonly string[]; port: number }[] {
  const { scrape_configs } = Parse(ScrapeFile, readYaml("prometheus.yml"));
  return scrape_configs.flatMap(({ job_name, dns_sd_configs }) =>
    dns_sd_configs.map(({ names, port }) => ({ job: job_name, names, port })),
  );
}

/** The files with rules, and those with their unit tests. */
export const ruleFiles = ["slo.yml", "alerts.yml", "stores.yml"];
export const ruleTestFiles = ["alerts.test.yml", "stores.test.yml"];

const rules = ruleFiles.flatMap((file) => Parse(RuleFile, readYaml(file)).groups.flatMap((group) => group.rules));

export const alerts: readonly Alert[] = rules.flatMap(({ alert, expr, labels, annotations }) =>
  alert === undefined
    ? []
    : [{ name: alert, expression: expr, severity: labels?.severity ?? "", runbookUrl: annotations?.runbook_url ?? "" }],
);

/** The expressions of the recording rules, by the name of the series that they record. */
export const recordings: ReadonlyMap<string, string> = new Map(
  rules.flatMap(({ record, expr }) => (record === undefined ? [] : [[record, expr]])),
);

export const panelQueries: readonly PanelQuery[] = readdirSync(dashboardFolder).flatMap((file) => {
  const text = readFileSync(join(dashboardFolder, file), "utf8");
  const { title, panels } = Parse(DashboardFile, JSON.parse(text));
  return panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr, legendFormat }) => ({
      where: `${title}, ${panel.title}`,
      expression: withVariables(expr),
      legend: legendFormat,
    })),
  );
});

/** The alerts that the unit tests of the rules expect to fire, and those they expect to be silent. */
export function alertsUnderTest(): { firing: Set<string>; silent: Set<string> } {
  const tests = ruleTestFiles.flatMap((file) =>
    Parse(RuleTests, readYaml(file)).tests.flatMap((test) => test.alert_rule_test),
  );
  const names = (isFiring: boolean) =>
    new Set(tests.filter((test) => test.exp_alerts.length > 0 === isFiring).map((test) => test.alertname));
  return { firing: names(true), silent: names(false) };
}

/** Replaces Grafana's variables by values. */
function withVariables(expression: string): string {
  return expression.replaceAll("$__rate_interval", "20s").replaceAll("$__range", "15m").replaceAll("$stock", "6000");
}
