// The PrometheusRule for Kubernetes, made from the rule files of infra/prometheus, so that there is one source of them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./generated-files.ts";

const ruleFiles = ["slo.yml", "alerts.yml", "stores.yml"];
const groupsLine = "groups:\n";

/** What follows the line `groups:` of a rule file, two columns further to the right. Its comments are kept. */
function groupsOf(file: string): string {
  const text = readFileSync(join(root, "infra", "prometheus", file), "utf8");
  const start = text.indexOf(groupsLine);
  if (start < 0) throw new Error(`infra/prometheus/${file} has no line "groups:"`);
  return text.slice(start + groupsLine.length).replace(/^(?=.)/gm, "  ");
}

/** The manifest as a text. */
export function prometheusRule(): string {
  return `# Generated from infra/prometheus (${ruleFiles.join(", ")}) by \`npm run fix\`; changes made here are lost.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: onsale
spec:
  groups:
${ruleFiles.map(groupsOf).join("\n")}`;
}
