// Sends what people change of an event, and reads their forms.
import type { EventChanged } from "../../../console/messages/event-messages.ts";
import { type Change as AnyChange, useChange as useAnyChange } from "../../live/use-change.ts";

export type Change<Answer extends EventChanged> = AnyChange<Answer>;

/** A hook that sends changes of an event, one at a time. */
export function useChange<Answer extends EventChanged = EventChanged>(eventId: number): Change<Answer> {
  return useAnyChange<Answer>(`/api/events/${eventId}/`);
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
