// Files that are generated from the code and committed: `npm run fix` writes them, `npm run check` compares them.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The project's folder. */
export const root = join(import.meta.dirname, "..", "..");

/**
 * Writes the files, or with the argument `--check` compares them and ends the process with exit code 1 when one
 * differs.
 *
 * @param files texts by path, relative to the project's folder
 * @param pattern a glob of paths that are all generated: others that match it are deleted, or reported
 */
export function writeOrCompare(files: ReadonlyMap<string, string>, pattern?: string): void {
  const matching = pattern === undefined ? [] : globSync(pattern, { cwd: root });
  const surplus = matching.filter((path) => !files.has(path)).sort();
  if (!process.argv.includes("--check")) {
    for (const [path, text] of files) write(path, text);
    for (const path of surplus) rmSync(join(root, path));
    return;
  }
  const changed = [...files].filter(([path, text]) => readOrEmpty(path) !== text).map(([path]) => path);
  for (const path of changed) console.error(`${path} is not what the code says; run: npm run fix`);
  for (const path of surplus) console.error(`${path} has no source any more; run: npm run fix`);
  if (changed.length + surplus.length > 0) process.exit(1);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return "";
  }
}
