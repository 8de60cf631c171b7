// Changes of the code of services, for processes that a test starts; the files stay as they are. A change says which
// text of a file becomes another one, so that it reads like the mistake of a programmer.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Parse } from "typebox/value";
import { type Environment, projectFolder } from "../../support/services/services.ts";

const CodeChange = Type.Object({
  /** From the project's folder on. */
  file: Type.String(),
  /** The file has it once. */
  from: Type.String(),
  to: Type.String(),
});
export type CodeChange = Readonly<Static<typeof CodeChange>>;

/** What a service is told of its changes, and where it notes which files it has loaded with them. */
const Plant = Type.Object({ changes: Type.Array(CodeChange), loadedFile: Type.String() });
type Plant = Readonly<{ changes: readonly CodeChange[]; loadedFile: string }>;

/**
 * Changes the code of a file.
 *
 * @throws Error when a change does not fit the code any more
 */
export function changedCode(code: string, changes: readonly CodeChange[]): string {
  return changes.reduce((text, { file, from, to }) => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    throw new Error(`${file} has to have this text once, and has it ${parts.length - 1} times:\n${from}`);
  }, code);
}

/** @throws Error when a change does not fit its file any more */
export function requireFitting(changes: readonly CodeChange[]): void {
  for (const [file, own] of Map.groupBy(changes, (change) => change.file)) {
    changedCode(readFileSync(join(projectFolder, file), "utf8"), own);
  }
}

const preload = join(import.meta.dirname, "plant-in-service.ts");

/** Settings of a service that is to run with changed code. */
export function plantSettings(plant: Plant): Environment {
  return { NODE_OPTIONS: `--import ${preload}`, TEST_PLANT: JSON.stringify(plant) };
}

/** @throws Error when the text is not from `plantSettings` */
export function readPlant(text = ""): Plant {
  return Parse(Plant, JSON.parse(text));
}

/** The changed files that no service has loaded. */
export function filesNotLoaded({ changes, loadedFile }: Plant): readonly string[] {
  const loaded = existsSync(loadedFile) ? readFileSync(loadedFile, "utf8").split("\n") : [];
  return [...new Set(changes.map(({ file }) => file))].filter((file) => !loaded.includes(file));
}
