// Chooses the test files of a run. Files named `*.long.test.ts` run only with `--long`, or when they are named.
import { globSync } from "node:fs";
import { join } from "node:path";
import { findAffectedFiles } from "./affected-files.ts";

export type Choice = Readonly<
  | { kind: "all" | "long" }
  /** Files that changes since the commit `base` can affect; HEAD by default. */
  | { kind: "changed"; base: string | undefined }
  /** Files with one of these texts in their paths, long ones included. */
  | { kind: "named"; parts: readonly string[] }
>;

const patterns = [
  "test/e2e/**/*.test.ts",
  "test/**/*.test.ts",
  "services/*/src/**/*.test.ts",
  "packages/*/src/**/*.test.ts",
];
const isLong = (file: string) => file.endsWith(".long.test.ts");

/** Reads the arguments of `npm test`. */
export function readChoice(parts: readonly string[]): Choice {
  if (parts.includes("--long")) return { kind: "long" };
  if (parts[0] === "--changed") return { kind: "changed", base: parts[1] };
  return parts.length === 0 ? { kind: "all" } : { kind: "named", parts };
}

/** @returns absolute paths, the slow kinds first: with short files at the end, all processors stay busy until then */
export function chooseFiles(folder: string, choice: Choice): string[] {
  const files = [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: folder }).sort()))];
  return select(folder, files, choice).map((file) => join(folder, file));
}

function select(folder: string, files: readonly string[], choice: Choice): readonly string[] {
  switch (choice.kind) {
    case "all":
      return files.filter((file) => !isLong(file));
    case "long":
      return files.filter(isLong);
    case "changed":
      return findAffectedFiles(folder, files, choice.base);
    case "named":
      return files.filter((file) => choice.parts.some((part) => file.includes(part)));
  }
}

export function describeChoice(choice: Choice, files: readonly string[]): string {
  const count = `${files.length} test files`;
  switch (choice.kind) {
    case "all":
      return `${count}; npm run test:long runs the long ones.`;
    case "long":
      return `${count}, the long ones.`;
    case "changed":
      return files.length === 0 ? "The change cannot affect any test file." : `${count} that the change can affect.`;
    case "named":
      return files.length === 0
        ? `No test file has ${choice.parts.join(" or ")} in its path.`
        : `${count} with ${choice.parts.join(" or ")} in their paths.`;
  }
}
