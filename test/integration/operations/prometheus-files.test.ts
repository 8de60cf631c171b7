// Checks the files of infra/prometheus, without a running system; monitoring.test.ts has the rest.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseDocument } from "yaml";
import { atEnd } from "../../support/cleanup.ts";
import {
  alerts,
  alertsUnderTest,
  prometheusFolder,
  ruleFiles,
  ruleTestFiles,
} from "../../support/external/monitoring.ts";
import { without } from "../../support/external/programs.ts";
import { projectFolder } from "../../support/services/services.ts";

describe("alerts", () => {
  it("have a section in the runbook each, and each section has an alert", () => {
    const runbook = readFileSync(join(projectFolder, "docs", "runbook.md"), "utf8");
    const sections = [...runbook.matchAll(/^## (Onsale\w+)$/gm)].map(([, name = ""]) => name);
    assert.deepEqual(sections.sort(), alerts.map((alert) => alert.name).sort());
    for (const { name, severity, runbookUrl } of alerts) {
      assert.equal(runbookUrl, `docs/runbook.md#${name.toLowerCase()}`);
      assert(["page", "ticket"].includes(severity), `${name} has severity ${severity}`);
    }
  });

  it("are each tested to fire and to be silent", () => {
    const { firing, silent } = alertsUnderTest();
    const names = new Set(alerts.map((alert) => alert.name));
    assert.deepEqual(firing, names);
    assert.deepEqual(silent, names);
  });
});

describe("promtool", { skip: without("promtool", "prometheus") }, () => {
  // Most of its time would be garbage collection, on all processors.
  const env = { ...process.env, GOGC: "400", GOMAXPROCS: "1" };
  const promtool = (...parameters: string[]) => execFileSync("promtool", parameters, { encoding: "utf8", env });

  it("accepts the configuration and the rules", () => {
    promtool("check", "config", join(prometheusFolder, "prometheus.yml"));
    promtool("check", "rules", ...ruleFiles.map((file) => join(prometheusFolder, file)));
  });

  it("accepts the scrape configuration for Kubernetes", () => {
    // Debian builds Prometheus without Kubernetes support, so the discovery of targets is not checked.
    const config = parseDocument(readFileSync(join(prometheusFolder, "kubernetes.yml"), "utf8"));
    assert(config.hasIn(["scrape_configs", 0, "kubernetes_sd_configs"]));
    config.deleteIn(["scrape_configs", 0, "kubernetes_sd_configs"]);
    const folder = mkdtempSync(join(tmpdir(), "onsale-promtool-"));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "kubernetes.yml"), config.toString());
    promtool("check", "config", join(folder, "kubernetes.yml"));
  });

  it("confirms that each alert fires when it should, and not otherwise", () => {
    promtool("test", "rules", ...ruleTestFiles.map((file) => join(prometheusFolder, file)));
  });
});

describe("Alertmanager's configuration", { skip: without("amtool", "prometheus-alertmanager") }, () => {
  const file = join(projectFolder, "infra", "alertmanager", "alertmanager.yml");
  const amtool = (...parameters: string[]) => execFileSync("amtool", parameters, { encoding: "utf8", stdio: "pipe" });

  it("is accepted", () => {
    assert.match(amtool("check-config", file), /SUCCESS/);
  });

  it("sends pages to the pager, and tickets to a mailbox", () => {
    const receiverOf = (severity: string) =>
      amtool("config", "routes", "test", `--config.file=${file}`, "alertname=Any", `severity=${severity}`).trim();
    assert.deepEqual([receiverOf("page"), receiverOf("ticket")], ["pager", "tickets"]);
  });

  it("names only alerts that exist, and addresses that belong to nobody", () => {
    const text = readFileSync(file, "utf8");
    const known = new Set(alerts.map((alert) => alert.name));
    const named = text.match(/Onsale[A-Z]\w+/g) ?? [];
    assert(named.length >= 6);
    for (const name of named) assert(known.has(name), name);
    for (const [, host] of text.matchAll(/(?:https:\/\/|@|smarthost: )([\w.-]+)/g))
      assert.match(host ?? "", /example\.com$/);
  });
});
