// The unit files of infra/systemd, parsed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../services/services.ts";

export const systemdFolder = join(projectFolder, "infra", "systemd");
const commonFile = join("onsale-.service.d", "common.conf");

/** The values of each setting of a unit, in their order, with those that all units have. */
export type Unit = Readonly<{ name: string; values: (setting: string) => readonly string[] }>;

function linesOf(file: string): string[] {
  return readFileSync(join(systemdFolder, file), "utf8").split("\n");
}

/** Every service, by the name of its file. */
export const units: readonly Unit[] = readdirSync(systemdFolder)
  .filter((file) => file.endsWith(".service"))
  .map((name) => {
    const settings = [...linesOf(name), ...linesOf(commonFile)].flatMap((line) => {
      const [, setting, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return setting === undefined || value === undefined ? [] : [{ setting, value }];
    });
    return { name, values: (wanted) => settings.filter(({ setting }) => setting === wanted).map(({ value }) => value) };
  });

/** What a unit sets in the environment, for an instance. */
export function environmentOf(unit: Unit, instance: string): Record<string, string> {
  const assignments = unit.values("Environment").flatMap((line) => line.split(" "));
  return Object.fromEntries(
    assignments.map((assignment) => {
      const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(assignment) ?? [];
      return [name, value.replaceAll("%i", instance)];
    }),
  );
}

/** The variables of the example of /etc/onsale/onsale.env. */
export const exampleVariables: readonly string[] = linesOf("onsale.env.example").flatMap((line) => {
  const [, name] = /^(\w+)=/.exec(line) ?? [];
  return name === undefined ? [] : [name];
});
