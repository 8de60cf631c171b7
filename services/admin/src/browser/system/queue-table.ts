// The queues: what they hold, what restricts them, and the buttons to change that.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { QueueLine } from "../../console/messages/messages.ts";
import { formatCount } from "../format.ts";
import { post } from "../live/requests.ts";
import { wrappingTable } from "../parts/table.ts";

type QueueTableProps = Readonly<{ queues: readonly QueueLine[]; isReadOnly: boolean }>;

export function QueueTable({ queues, isReadOnly }: QueueTableProps): ComponentChild {
  const [message, setMessage] = useState("");
  const act = async (name: string, action: string, done: string) => {
    const result = await post(`/api/queues/${name}/${action}`);
    setMessage(result.ok ? done : result.message);
  };
  const button = (words: string, name: string, action: string, done: string) =>
    h(
      "button",
      { type: "button", "aria-label": `${words} ${name}`, onClick: () => void act(name, action, done) },
      words,
    );
  const buttonsOf = ({ name, restrictions, failed }: QueueLine) =>
    h(
      "span",
      { class: "buttons" },
      restrictions.length > 0
        ? button("Release", name, "release", `${name} is released.`)
        : button("Pause", name, "pause", `${name} is paused.`),
      failed > 0 ? button("Remove failed", name, "remove-failed", `The failed jobs of ${name} are removed.`) : null,
    );
  const rows = queues.map((queue) => ({
    key: queue.name,
    cells: [
      h("a", { href: `/queues/queue/${queue.name}` }, queue.name),
      stateOf(queue),
      formatCount(queue.waiting + queue.delayed),
      formatCount(queue.active),
      failedOf(queue),
      ...(isReadOnly ? [] : [buttonsOf(queue)]),
    ],
  }));
  const head = ["Queue", "State", "Waiting", "Active", "Failed", ...(isReadOnly ? [] : ["Change"])];
  return h(
    "div",
    { class: "queue-table" },
    wrappingTable(head, rows),
    h("p", { class: "note small", role: "status" }, message),
  );
}

function stateOf({ restrictions }: QueueLine): ComponentChild {
  return restrictions.length === 0 ? "running" : h("b", { class: "tag warn" }, restrictions.join(", "));
}

function failedOf({ name, failed }: QueueLine): ComponentChild {
  if (failed === 0) return "0";
  return h("a", { href: `/queues/queue/${name}?status=failed`, class: "bad" }, formatCount(failed));
}
