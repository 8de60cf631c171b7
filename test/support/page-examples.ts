// Runs the examples of a documentation page: its `sh` fences, in one shell and in the order of the page, so that an
// example may use the variables of earlier ones. An `http` fence after an example shows its output: each line of the
// fence must be in one line of the output, where `...` stands for any text.
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cleanEnvironment } from "./config.ts";
import { projectFolder } from "./services/services.ts";

export type Example = Readonly<{ script: string; shown: readonly string[] }>;

const run = promisify(execFile);
/** The gateway's URL in the pages. */
const usualUrl = "http://127.0.0.1:8080";
const allMaxMs = 90_000;

/** @param page its path in the project */
export function readExamples(page: string): Example[] {
  const text = readFileSync(join(projectFolder, page), "utf8");
  const fences = Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, content = ""]) => ({
    language,
    content,
  }));
  return fences.flatMap(({ language, content }, index) => {
    if (language !== "sh") return [];
    const next = fences[index + 1];
    const shown = next?.language === "http" ? next.content.split("\n").filter((line) => line !== "") : [];
    return [{ script: content, shown }];
  });
}

/**
 * Runs examples against a gateway. Fails when one ends with an error, or its output differs from the page.
 *
 * @returns the output of each example
 */
export async function runExamples(examples: readonly Example[], gatewayUrl: string): Promise<string[]> {
  const end = `end of example ${randomUUID()}`;
  const script = examples.map((example) => `${example.script}echo '${end}'\n`).join("");
  const { stdout } = await run("sh", ["-ec", script.replaceAll(usualUrl, gatewayUrl)], {
    env: cleanEnvironment(),
    encoding: "utf8",
    timeout: allMaxMs,
  });
  const outputs = stdout.replaceAll("\r", "").split(end);
  for (const [index, example] of examples.entries()) {
    const output = outputs[index] ?? "";
    const missing = example.shown.filter((shown) => !output.split("\n").some((line) => shows(line, shown)));
    assert.deepEqual(missing, [], `${example.script}does not print this, but\n${output}`);
  }
  return outputs;
}

function shows(line: string, shown: string): boolean {
  let from = 0;
  return shown.split("...").every((part) => {
    const at = line.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}
