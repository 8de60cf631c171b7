// `onsale completion`
import { Argument, type Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { readCommands } from "../completion/read-commands.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Output } from "../output/output.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof scripts;

export type CompletionNeeds = Pick<Output, "show">;

/** `onsale completion SHELL` */
export function addCompletion(program: Command, { show }: CompletionNeeds): void {
  program
    .command("completion")
    .description("print a script with which a shell completes commands, options and their values")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(scripts)))
    .action((shell: Shell) => {
      const script = scripts[shell](readCommands(program));
      show({ shell, script }, () => script);
    });
}
