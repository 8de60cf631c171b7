// Checks the settings of all services, and those of the command line.
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
  // Without its rule that HOST and AUTH must fit together: AUTH has another default here than in a gateway.
  { settings: standaloneSettings, read: (environment: Environment) => loadConfig(standaloneSettings, environment) },
  { settings: gatewaySettings, read: readGateway },
  { settings: workerSettings, read: readWorker },
  { settings: notifierSettings, read: readNotifier },
  { settings: adminSettings, read: readAdmin },
  { settings: cliSettings, read: readCli },
];

/**
 * Reads every setting that is given, as each service would. A missing one is no fault, because it is not known which
 * services will run with this environment.
 */
export function checkConfiguration(environment: Environment): Finding[] {
  const faults = findFaults(environment);
  if (faults.length > 0) {
    return faults.map((fault) => failed(check, fault, "Correct it; docs/configuration.md describes every setting."));
  }
  const variables = services.flatMap(({ settings }) => Object.values(settings).map((setting) => setting.variable));
  const given = [...new Set<string>(variables)].filter((variable) => isSet(environment, variable));
  if (given.length === 0) return [ok(check, "no settings are given, so the defaults apply")];
  return [ok(check, `${given.join(", ")}: all are valid`)];
}

/** The environment without the settings that no service could use. */
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

/** Each fault begins with the name of its variable. */
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
