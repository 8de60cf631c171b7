// What a shell can complete, read from the program's own definition.
import type { Command, Option } from "commander";

/** A word that can be typed, and what it means. */
export type Word = Readonly<{ word: string; description: string }>;

/**
 * What follows an option: `none`, nothing that has to; `file`, the name of a file; `one`, a value; `many`, values up to
 * the next option. `words` are the values to choose from, if they are known.
 */
export type OptionValue = Readonly<{ kind: "none" | "file" | "one" | "many"; words: readonly string[] }>;

export type CompletedOption = Readonly<{ flags: readonly string[]; description: string; value: OptionValue }>;

/** A command with its words: `events create` is the path of `onsale events create`, and that of `onsale` is empty. */
export type CompletedCommand = Readonly<{
  path: string;
  /** The commands that it is the beginning of, or else the values of its first argument, if they are known. */
  words: readonly Word[];
  /** Its own and those of every command. */
  options: readonly CompletedOption[];
}>;

/** The command and all commands below it. */
export function readCommands(command: Command, path = ""): CompletedCommand[] {
  const help = command.createHelp();
  const choices = command.registeredArguments[0]?.argChoices ?? [];
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].map(readOption);
  const words = [
    ...command.commands.map((child) => ({ word: child.name(), description: firstSentence(child.description()) })),
    ...choices.map((word) => ({ word, description: "" })),
  ];
  const below = command.commands.flatMap((child) => readCommands(child, `${path} ${child.name()}`.trim()));
  return [{ path, words, options }, ...below];
}

function readOption(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const { description, required, variadic, argChoices: words = [] } = option;
  // An option whose value may be missing is completed as one without.
  const kind = !required ? "none" : option.flags.endsWith("<file>") ? "file" : variadic ? "many" : "one";
  return { flags, description: firstSentence(description), value: { kind, words } };
}

/** Lists of shells have room for one line. */
function firstSentence(description: string): string {
  return description.split(";", 1)[0] ?? "";
}
