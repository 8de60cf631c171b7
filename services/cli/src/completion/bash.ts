// Completion for bash. Its functions answer from a table, so that no Node has to start at every Tab.
import { shellWord } from "../output/text.ts";
import type { CompletedCommand } from "./read-commands.ts";

/** The script that bash sources. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completes onsale in bash. Made by: onsale completion bash
_onsale_command() {
  words='' options=''
  case "$1" in
${commands.map(commandCase).join("\n")}
  esac
}

_onsale_option() {
  kind='' values=''
  case "$1 $2" in
${commands.flatMap(optionCases).join("\n")}
  esac
}

_onsale() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' option='' index word words options kind values
  _onsale_command ''
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    # bash takes the = of --limit=5 for a word.
    if [[ $word == '=' ]]; then continue; fi
    if [[ $word == -* ]]; then
      _onsale_option "$command" "$word"
      if [[ -n $kind ]]; then option=$word; else option=''; fi
    elif [[ -n $option ]]; then
      if [[ $kind != many ]]; then option=''; fi
    elif [[ " $words " == *" $word "* ]]; then
      command=\${command:+$command }$word
      _onsale_command "$command"
    fi
  done
  if [[ $current == '=' ]]; then current=''; fi
  if [[ -n $option && $current != -* ]]; then
    if [[ $kind == file ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current"); fi
  elif [[ $current == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  else mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"); fi
}

complete -F _onsale onsale`;
}

function commandCase({ path, words, options }: CompletedCommand): string {
  const flags = options.flatMap((option) => option.flags);
  return `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(" "))} options=${quoted(flags.join(" "))} ;;`;
}

function optionCases({ path, options }: CompletedCommand): string[] {
  return options.flatMap(({ flags, value: { kind, words } }) =>
    kind === "none" ? [] : [`    ${patterns(path, flags)}) kind=${kind} values=${quoted(words.join(" "))} ;;`],
  );
}

function patterns(path: string, flags: readonly string[]): string {
  return flags.map((flag) => quoted(`${path} ${flag}`)).join(" | ");
}

function quoted(text: string): string {
  return text === "" ? "''" : shellWord(text);
}
