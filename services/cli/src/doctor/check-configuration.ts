import { adminSettings, readConfig as readAdmin } from "@onsale/admin/config";
import { ConfigError, type Environment, loadConfig } from "@onsale/config/load-config";
import { gatewaySettings, readConfig as readGateway } from "@onsale/gateway/config";
import { notifierSettings, readConfig as readNotifier } from "@onsale/notifier/config";
import { standaloneSettings } from "@onsale/standalone/config";
import { readConfig as readWorker, workerSettings } from "@onsale/worker/config";
import { cliSettings, readConfig as readCli } from "../config.ts";
import { type Finding, failed, ok } from "./finding.ts";

const check = "configuration";

const services = [
  // Setting by setting: what does not go together there, because nobody is asked for a key, may do so in a gateway.
  { settings: standaloneSettings, read: (environment: Environment) => loadConfig(standaloneSettings, environment) },
  { settings: gatewaySettings, read: readGateway },
  { settings: workerSettings, read: readWorker },
  { settings: notifierSettings, read: readNotifier },
  { settings: adminSettings, read: readAdmin },
  { settings: cliSettings, read: readCli },
];

/**
 * Reads every setting that is there, as each service would. One that is missing is no fault: which services will run
 * with this environment is not known here.
 */
export function checkConfiguration(environment: Environment): Finding[] {
  const faults = findFaults(environment);
  if (faults.length > 0) {
    return faults.map((fault) => failed(check, fault, "Correct it; docs/configuration.md has every setting."));
  }
  const variables = services.flatMap(({ settings }) => Object.values(settings).map((setting) => setting.variable));
  const given = [...new Set<string>(variables)].filter((variable) => isSet(environment, variable));
  if (given.length === 0) return [ok(check, "no settings are given, so the defaults hold")];
  return [ok(check, `${given.join(", ")} can be used`)];
}

/** The environment without what no service could use. */
export function withoutFaults(environment: Environment): Environment {
  const faulty = new Set(findFaults(environment).map(variableOf));
  return Object.fromEntries(Object.entries(environment).filter(([variable]) => !faulty.has(variable)));
}

function findFaults(environment: Environment): string[] {
  const faults = services.flatMap(({ read }) => faultsOf(() => read(environment)));
  return [...new Set(faults)].filter((fault) => isSet(environment, variableOf(fault)));
}

function isSet(environment: Environment, variable: string): boolean {
  return (environment[variable] ?? "") !== "";
}

/** Each fault begins with its variable. */
function variableOf(fault: string): string {
  return fault.split(" ", 1)[0] ?? "";
}

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
