// Sends what people change of an event.
import { type ComponentChild, h } from "preact";
import { useRef, useState } from "preact/hooks";
import type { EventChanged } from "../../console/event-messages.ts";
import { postJson } from "../live/requests.ts";

export type Change<Answer extends EventChanged> = Readonly<{
  /** The answer; undefined when the change was refused, or another one is being sent. */
  send: (path: string, body: object) => Promise<Answer | undefined>;
  /** What the last change came to. */
  note: ComponentChild;
  /** Whether the last change was refused. */
  isFailed: boolean;
  isSending: boolean;
}>;

/** A hook that sends changes, one at a time: a second click on a button that makes codes must not make more. */
export function useChange<Answer extends EventChanged = EventChanged>(eventId: number): Change<Answer> {
  const [outcome, setOutcome] = useState({ message: "", isDone: true });
  const [isSending, setSending] = useState(false);
  const isBusy = useRef(false);
  const send = async (path: string, body: object) => {
    if (isBusy.current) return undefined;
    isBusy.current = true;
    setSending(true);
    const result = await postJson<Answer>(`/api/events/${eventId}/${path}`, body);
    isBusy.current = false;
    setSending(false);
    setOutcome({ message: result.ok ? result.value.message : result.message, isDone: result.ok });
    return result.ok ? result.value : undefined;
  };
  const { message, isDone } = outcome;
  const note = h("p", { class: `note small ${isDone ? "" : "bad"}`, role: "status" }, message);
  return { send, note, isFailed: !isDone, isSending };
}

/** Reads a form when it is submitted. */
export function onSubmit(read: (data: FormData) => void): (event: SubmitEvent) => void {
  return onSubmitForm((_form, data) => read(data));
}

/** As `onSubmit`, for a reader that says at a field what is wrong with it. */
export function onSubmitForm(read: (form: HTMLFormElement, data: FormData) => void): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement) read(event.currentTarget, new FormData(event.currentTarget));
  };
}

export function readText(form: FormData, name: string): string {
  return String(form.get(name) ?? "").trim();
}
