// Completion for zsh, with what each word means.
import type { CompletedCommand, CompletedOption, Word } from "./read-commands.ts";

/** The script that zsh sources, or loads as `_onsale` from a folder of its `fpath`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef onsale
# Completes onsale in zsh. Made by: onsale completion zsh
_onsale_command() {
  known=() options=()
  case "$1" in
${commands.map(commandCase).join("\n")}
  esac
}

_onsale_option() {
  kind='' values=()
  case "$1 $2" in
${commands.flatMap(optionCases).join("\n")}
  esac
}

_onsale() {
  local command='' option='' kind='' word
  local -a known options values
  _onsale_command ''
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ $word == -* ]]; then
      _onsale_option "$command" "$word"
      if [[ -n $kind ]]; then option=$word; else option=''; fi
    elif [[ -n $option ]]; then
      if [[ $kind != many ]]; then option=''; fi
    elif (( \${known[(I)$word:*]} )); then
      command=\${command:+$command }$word
      _onsale_command "$command"
    fi
  done
  if [[ -n $option && $words[CURRENT] != -* ]]; then
    if [[ $kind == file ]]; then _files; else compadd -a values; fi
  elif [[ $words[CURRENT] == -* ]]; then _describe -o option options
  else _describe command known; fi
}

if [[ $funcstack[1] == _onsale ]]; then _onsale "$@"; else compdef _onsale onsale; fi`;
}

function commandCase({ path, words, options }: CompletedCommand): string {
  const described = options.flatMap(({ flags, description }) => flags.map((word) => ({ word, description })));
  return `    ${quoted(path)}) known=(${describedWords(words)}) options=(${describedWords(described)}) ;;`;
}

function optionCases({ path, options }: CompletedCommand): string[] {
  return options.flatMap((option) => (option.value.kind === "none" ? [] : [optionCase(path, option)]));
}

function optionCase(path: string, { flags, value: { kind, words } }: CompletedOption): string {
  const patterns = flags.map((flag) => quoted(`${path} ${flag}`)).join(" | ");
  return `    ${patterns}) kind=${kind} values=(${words.map(quoted).join(" ")}) ;;`;
}

/** Words as `_describe` takes them. */
function describedWords(words: readonly Word[]): string {
  return words.map(({ word, description }) => quoted(`${word}:${description}`)).join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
