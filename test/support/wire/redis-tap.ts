// Reads along between a service and Redis. A call is one command; its name is the command with the kind of its key, or
// with the name of the script that it runs.
import { hash } from "node:crypto";
import type { CallWatch } from "./call-watch.ts";
import type { Tap } from "./losing-proxy.ts";
import { createReplyReader, readCommand } from "./redis-messages.ts";

/** Names of scripts by their SHA-1, learned when they are sent: all connections to a server share them. */
export type ScriptNames = Map<string, string>;

/** The first line of a script's own comment. */
function titleOf(script: string): string {
  return /--(?:\[\[)?\s*(.+)/.exec(script)?.[1]?.trim() ?? script.slice(0, 60);
}

export function nameCommand(parts: readonly string[], scripts: ScriptNames): string {
  const [command = "", first = "", second = ""] = parts;
  const name = command.toUpperCase();
  const script = name === "EVAL" ? first : name === "SCRIPT" && first.toUpperCase() === "LOAD" ? second : undefined;
  if (script !== undefined) scripts.set(hash("sha1", script), titleOf(script));
  if (name === "EVAL") return `script: ${titleOf(first)}`;
  if (name === "EVALSHA") return `script: ${scripts.get(first) ?? first}`;
  return [
    name,
    first
      .split(":")
      .at(-1)
      ?.replaceAll(/[0-9a-f-]*[0-9][0-9a-f-]*/g, "?"),
  ]
    .join(" ")
    .trim();
}

/** Clients send commands without waiting for the answers to earlier ones; the answers come in the same order. */
export function createRedisTap(watch: CallWatch, scripts: ScriptNames): Tap {
  const readAsked = createReplyReader();
  const readAnswered = createReplyReader();
  /** For each command without an answer yet: whether that has to get lost. */
  const unanswered: boolean[] = [];
  return {
    onAsked: (data) => {
      for (const message of readAsked(data)) unanswered.push(watch.onCall(nameCommand(readCommand(message), scripts)));
    },
    onAnswered: (data) => {
      const passed: Buffer[] = [];
      for (const reply of readAnswered(data)) {
        if (unanswered.shift() === true) {
          watch.onLost();
          return "lost";
        }
        passed.push(reply);
      }
      return Buffer.concat(passed);
    },
  };
}
