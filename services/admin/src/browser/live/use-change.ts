// Sends what people change.
import { type ComponentChild, h } from "preact";
import { useRef, useState } from "preact/hooks";
import { postJson } from "./requests.ts";

/** Every answer to a change says what was done, in a sentence. */
export type Changed = Readonly<{ message: string }>;

export type Change<Answer extends Changed> = Readonly<{
  /** The answer; undefined when the change was refused, or another one is being sent. */
  send: (path: string, body: object) => Promise<Answer | undefined>;
  /** What the last change came to. */
  note: ComponentChild;
  /** Whether the last change was refused. */
  isFailed: boolean;
  isSending: boolean;
}>;

/**
 * A hook that sends changes, one at a time: a second click on a button that makes a key must not make another.
 *
 * @param base what the paths of the changes begin with
 */
export function useChange<Answer extends Changed = Changed>(base: string): Change<Answer> {
  const [outcome, setOutcome] = useState({ message: "", isDone: true });
  const [isSending, setSending] = useState(false);
  const isBusy = useRef(false);
  const send = async (path: string, body: object) => {
    if (isBusy.current) return undefined;
    isBusy.current = true;
    setSending(true);
    const result = await postJson<Answer>(`${base}${path}`, body);
    isBusy.current = false;
    setSending(false);
    setOutcome({ message: result.ok ? result.value.message : result.message, isDone: result.ok });
    return result.ok ? result.value : undefined;
  };
  const { message, isDone } = outcome;
  const note = h("p", { class: `note small ${isDone ? "" : "bad"}`, role: "status" }, message);
  return { send, note, isFailed: !isDone, isSending };
}
