// Each shell completes the command line with the script that it prints.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import { without } from "../../support/external/programs.ts";
import { createCli } from "../../support/services/program.ts";

const cli = createCli({});
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "onsale-completion-"));
  atEnd(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "orders.csv"), "");
});

/** Writes the script of a shell to a file, whose path it returns. */
async function writeScript(shell: string): Promise<string> {
  const { code, stdout, stderr } = await cli.run("completion", shell);
  assert.equal(code, 0, stderr);
  const file = join(folder, `onsale.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

/** What is typed before Tab, the last word unfinished, and some or all of what can follow. */
const completions: readonly (readonly [typed: readonly string[], words: readonly string[]])[] = [
  [["ev"], ["events"]],
  [["events", "sh"], ["show"]],
  [
    ["events", "c"],
    ["create", "change", "cancel", "cancellation"],
  ],
  [["--json", "orders", "li"], ["list"]],
  [
    ["completion", ""],
    ["bash", "fish", "zsh"],
  ],
  [
    ["events", "sales", "EVNT-JAZZ", "--interval", ""],
    ["minute", "hour", "day"],
  ],
  [
    ["orders", "list", "--status", "C"],
    ["CONFIRMED", "CANCELLED"],
  ],
  [["orders", "list", "-n", "5", "--st"], ["--status"]],
  // The value of an option is no command, even when it has the name of one.
  [["keys", "create", "--name", "list", "--acc"], ["--account"]],
  [["orders", "export", "--to", "ord"], ["orders.csv"]],
];

describe("completion", () => {
  it("works in bash", async () => {
    const file = await writeScript("bash");
    const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _onsale; printf "%s\\n" "\${COMPREPLY[@]}"`;
    const complete = (typed: readonly string[]) =>
      execFileSync("bash", ["-c", ask, "bash", file, "onsale", ...typed], { cwd: folder, encoding: "utf8" });
    for (const [typed, words] of completions) {
      assert.deepEqual(complete(typed).trim().split("\n").sort(), [...words].sort(), typed.join(" "));
    }
    // bash makes three words of it.
    assert.equal(complete(["events", "sales", "EVNT-JAZZ", "--interval", "=", "m"]), "minute\n");
    assert.match(complete(["keys", "create", "--scopes", "admin", "orders:r"]), /^orders:read$/m);
    assert.match(complete(["events", "create", "--"]), /^--ticket$/m);
  });

  it("works in fish", { skip: without("fish") }, async () => {
    const file = await writeScript("fish");
    for (const [typed, words] of completions) {
      const line = `onsale ${typed.join(" ")}`;
      const ask = ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", file, line];
      const lines = execFileSync("fish", ask, { cwd: folder, encoding: "utf8" }).trim().split("\n");
      const found = lines.map((text) => text.split("\t", 1)[0] ?? "");
      assert.deepEqual(found.sort(), [...words].sort(), line);
    }
  });

  it("works in zsh", { skip: without("zsh") }, async () => {
    const file = await writeScript("zsh");
    const typeInto = (typed: string, expected: string) => {
      const steps = [
        "zmodload zsh/zpty",
        "zpty shell zsh -f -i",
        `zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; source "${file}"; cd "${folder}"; echo rea""dy'`,
        "zpty -r -m shell output '*ready*'",
        `zpty -w -n shell $'${typed}'`,
        `zpty -r -m shell output '*${expected}*'`,
      ];
      execFileSync("zsh", ["-f", "-c", steps.join(" && ")], { timeout: 20_000, stdio: "ignore" });
    };
    typeInto("onsale inve\\tsh\\t", "inventory*show");
    typeInto("onsale events sales EVNT-JAZZ --interv\\tmin\\t", "--interval*minute");
    typeInto("onsale keys create --name list --acc\\t", "list --account");
    typeInto("onsale orders export --to ord\\t", "orders.csv");
  });

  it("is refused for another shell", async () => {
    const { code, stdout, stderr } = await cli.run("completion", "tcsh");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /Allowed choices are bash, zsh, fish\./);
  });
});
