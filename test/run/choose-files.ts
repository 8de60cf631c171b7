// Chooses the test files of a run. Files named `*.long.test.ts` run only with `--long`, or when they are named.
import { globSync } from "node:fs";
import { join } from "node:path";
import { findAffectedFiles } from "./affected-files.ts";

export type Choice = Readonly<
  | { kind: "all" }
  /** Long files; with parts, only those with one of these texts in their paths. */
  | { kind: "long"; parts: readonly string[] }
  /** Files that changes since the commit `base` can affect; HEAD by default. */
  | { kind: "changed"; base: string | undefined }
  /** Files with one of these texts in their paths, long ones included. */
  | { kind: "named"; parts: readonly string[] }
>;

const patterns = [
  "test/chaos/**/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/**/*.test.ts",
  "services/*/src/**/*.test.ts",
  "packages/*/src/**/*.test.ts",
];
const isLong = (file: string) => file.endsWith(".long.test.ts");

/** Reads the arguments of `npm test`. */
export function readChoice(parts: readonly string[]): Choice {
  if (parts[0] === "--long") return { kind: "long", parts: parts.slice(1) };
  if (parts[0] === "--changed") return { kind: "changed", base: parts[1] };
  return parts.length === 0 ? { kind: "all" } : { kind: "named", parts };
}

/** @returns absolute paths, the slow kinds first: with short files at the end, all processors stay busy until then */
export function chooseFiles(folder: string, choice: Choice): string[] {
  const files = [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: folder }).sort()))];
  return select(folder, files, choice).map((file) => join(folder, file));
}

const hasPart = (file: string, parts: readonly string[]) => parts.some((part) => file.includes(part));

/** The files of a choice, out of all test files. */
export function select(folder: string, files: readonly string[], choice: Choice): readonly string[] {
  switch (choice.kind) {
    case "all":
      return files.filter((file) => !isLong(file));
    case "long":
      return files.filter((file) => isLong(file) && (choice.parts.length === 0 || hasPart(file, choice.parts)));
    case "changed":
      return findAffectedFiles(folder, files, choice.base);
    case "named":
      return files.filter((file) => hasPart(file, choice.parts));
  }
}

export function describeChoice(choice: Choice, files: readonly string[]): string {
  const count = `${files.length} test files`;
  switch (choice.kind) {
    case "all":
      return `${count}; npm run test:long runs the long ones.`;
    case "long":
      if (choice.parts.length === 0) return `${count}, the long ones.`;
      return files.length === 0
        ? `No long test file has ${choice.parts.join(" or ")} in its path; npm test -- runs any file by its name.`
        : `${count}, the long ones with ${choice.parts.join(" or ")} in their paths.`;
    case "changed":
      return files.length === 0 ? "The change cannot affect any test file." : `${count} that the change can affect.`;
    case "named":
      return files.length === 0
        ? `No test file has ${choice.parts.join(" or ")} in its path.`
        : `${count} with ${choice.parts.join(" or ")} in their paths.`;
  }
}
