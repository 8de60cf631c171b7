import { styleText } from "node:util";
import type { Failure } from "./failure.ts";

/** Where a command prints: results go to stdout, everything else to stderr. */
export type Output = Readonly<{
  /** Prints a result: as one line of JSON with `--json`, otherwise as text for people. */
  show: <T>(result: T, toText: (result: T) => string) => void;
  /** Prints a remark for people that is not part of the result. */
  note: (text: string) => void;
  /** Prints why a command failed: as one line of JSON with `--json`, otherwise as text for people. */
  explain: (failure: Failure) => void;
}>;

/** @param isJson whether `--json` was given; asked anew each time, because it is not known before argv is parsed */
export function createOutput(isJson: () => boolean): Output {
  const styled = (format: "dim" | "red" | "yellow", text: string) =>
    styleText(format, text, { stream: process.stderr });

  function explainToPeople({ title, details, advice }: Failure): void {
    console.error([styled("red", title), ...details.map((detail) => `  ${detail}`)].join("\n"));
    if (advice !== undefined) console.error(`${styled("yellow", "→")} ${advice}`);
  }

  return {
    show: (result, toText) => console.log(isJson() ? JSON.stringify(result) : toText(result)),
    note: (text) => console.error(styled("dim", text)),
    explain: (failure) => {
      const { title, details, advice } = failure;
      if (isJson()) console.error(JSON.stringify({ error: { title, details, advice } }));
      else explainToPeople(failure);
    },
  };
}
