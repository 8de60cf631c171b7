// Finds the test files that a change can affect: those from which a changed file can be reached over imports, programs
// that the code starts, and project files that it names. It finds too many rather than too few.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Paths in the project; one that ends with "/" stands for everything below it. */
type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/** A change of one of these can affect everything. */
const everywhere = [
  /(^|\/)(package\.json|package-lock\.json|tsconfig[^/]*\.json|\.npmrc)$/,
  /^test\/(run\.ts|run\/|support\/services\/compile\.ts)/,
];
const code = /\.(ts|mjs|cjs)$/;

const serviceMains = ["gateway", "worker", "notifier", "admin"].map((name) => `services/${name}/src/main.ts`);
/** Defines `startGateway` and the like; a file that calls one of them depends on that service. */
const servicesFile = "test/support/services/services.ts";
/** Dependencies whose paths the code composes at run time. */
const composed: readonly Readonly<{ from: RegExp; to: readonly string[] }>[] = [
  { from: /^services\/standalone\/src\/start-services\.ts$/, to: serviceMains },
  { from: /^services\/admin\/src\/routes\/assets\.ts$/, to: ["services/admin/src/browser/"] },
  { from: /^packages\/database\/src\/migrate\.ts$/, to: ["migrations/"] },
  { from: /^test\/support\/external\/manifests\.ts$/, to: ["infra/k8s/"] },
  { from: /^test\/bench\/smoke\.test\.ts$/, to: ["test/bench/"] },
];

/** The test files that changes since `base` can affect, including uncommitted changes. */
export function findAffectedFiles(folder: string, testFiles: readonly string[], base: string | undefined): string[] {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8" }).split("\n").filter(Boolean);
  const since = base ?? "HEAD";
  const changed = [...git("diff", "--name-only", since), ...git("ls-files", "--others", "--exclude-standard")];
  if (changed.some((path) => everywhere.some((pattern) => pattern.test(path)))) return [...testFiles];
  const paths = git("ls-files", "--cached", "--others", "--exclude-standard").filter(
    (path) => code.test(path) && existsSync(join(folder, path)),
  );
  const exists = (path: string) => existsSync(join(folder, path));
  const dependencies = new Map(
    paths.map((path) => [path, dependenciesOf(path, readFileSync(join(folder, path), "utf8"), exists)]),
  );
  return affectedBy(changed, dependencies, testFiles);
}

/** The test files from which a changed path can be reached. */
export function affectedBy(
  changed: readonly string[],
  dependencies: Dependencies,
  testFiles: readonly string[],
): string[] {
  const isChanged = (dependency: string) =>
    dependency.endsWith("/") ? changed.some((path) => path.startsWith(dependency)) : changed.includes(dependency);
  return testFiles.filter((file) => {
    const seen = new Set([file]);
    for (const path of seen) {
      if (isChanged(path)) return true;
      for (const dependency of dependencies.get(path) ?? []) seen.add(dependency);
    }
    return false;
  });
}

/**
 * The files and folders that a file imports, starts or reads.
 *
 * @param path of the file in the project
 * @param exists whether a path in the project exists
 */
export function dependenciesOf(path: string, text: string, exists: (path: string) => boolean): Set<string> {
  const found = new Set<string>();
  for (const [, specifier = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"\n]+)"/g)) {
    const target = resolveImport(path, specifier);
    if (target !== undefined) found.add(target);
  }
  for (const target of namedPaths(text)) {
    if (exists(target)) found.add(/\.[a-z]+$|Dockerfile$/.test(target) ? target : `${target}/`);
  }
  if (path !== servicesFile) {
    for (const [, name = ""] of text.matchAll(/\bstart(Gateway|Worker|Notifier|Admin)\b/g)) {
      found.add(`services/${name.toLowerCase()}/src/main.ts`);
    }
  }
  for (const { from, to } of composed) if (from.test(path)) for (const target of to) found.add(target);
  return found;
}

function resolveImport(path: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
  const [, name, file] = /^@onsale\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const kind = ["gateway", "worker", "notifier", "admin", "cli", "standalone"].includes(name) ? "services" : "packages";
  if (file === undefined) return `${kind}/${name}/src/index.ts`;
  return file.startsWith("test-data/") ? `${kind}/${name}/${file}.ts` : `${kind}/${name}/src/${file}.ts`;
}

/** Paths of the project that the code names, in one string or as the parts of a `join`. */
function* namedPaths(text: string): Generator<string> {
  for (const [, path = ""] of text.matchAll(/["'`]([\w-][\w.-]*(?:\/[\w.-]+)+|[\w-]+\.(?:md|json|yml))["'`]/g))
    yield path;
  for (const [, parts = ""] of text.matchAll(/join\(\s*projectFolder((?:\s*,\s*"[^"]+")+)/g)) {
    yield Array.from(parts.matchAll(/"([^"]+)"/g), ([, part]) => part).join("/");
  }
}
