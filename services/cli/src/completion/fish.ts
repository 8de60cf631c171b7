// Completion for fish, with what each word means. fish itself knows which option a value is of.
import type { CompletedCommand, CompletedOption, Word } from "./read-commands.ts";

/** The script that fish sources, or reads from its folder of completions. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  const withValue = commands.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value.kind !== "none")
      .flatMap(({ flags }) => flags.map((flag) => quoted(`${path} ${flag}`))),
  );
  return `# Completes onsale in fish. Made by: onsale completion fish
set -g __onsale_commands ${paths.join(" ")}
set -g __onsale_options ${withValue.join(" ")}

function __onsale_at --description 'Whether the words so far are this command'
    set -l command ''
    set -l is_value no
    for word in (commandline -opc)[2..-1]
        if test $is_value = yes
            set is_value no
        else if string match -q -- '-*' $word
            contains -- "$command $word" $__onsale_options; and set is_value yes
        else
            set -l path (string trim -- "$command $word")
            contains -- $path $__onsale_commands; and set command $path
        end
    end
    test "$command" = "$argv[1]"
end

complete -c onsale -f
${commands.flatMap(completions).join("\n")}`;
}

function completions({ path, words, options }: CompletedCommand): string[] {
  const at = `complete -c onsale -n ${quoted(`__onsale_at ${quoted(path)}`)}`;
  return [...words.map((word) => `${at} ${wordOf(word)}`), ...options.map((option) => `${at} ${optionOf(option)}`)];
}

function wordOf({ word, description }: Word): string {
  return `-a ${quoted(word)} ${described(description)}`.trim();
}

function optionOf({ flags, description, value: { kind, words } }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const values = words.length === 0 ? "" : `-a ${quoted(words.join(" "))}`;
  const follows = { none: "", file: "-r -F", one: `-x ${values}`, many: `-x ${values}` }[kind].trim();
  return [...names, follows, described(description)].filter((part) => part !== "").join(" ");
}

function described(description: string): string {
  return description === "" ? "" : `-d ${quoted(description)}`;
}

/** In single quotes, fish knows no escapes but those of the quote and the backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
