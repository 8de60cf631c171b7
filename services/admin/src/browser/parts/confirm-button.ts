// A button that asks before it does something that cannot be undone, or that others notice.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";

type ConfirmButtonProps = Readonly<{
  words: string;
  /** For people who hear the button without what is beside it. */
  label?: string;
  question: string;
  confirmWords: string;
  isDisabled: boolean;
  onConfirm: () => void;
}>;

export function ConfirmButton(props: ConfirmButtonProps): ComponentChild {
  const { words, label = words, question, confirmWords, isDisabled, onConfirm } = props;
  const [isAsking, setAsking] = useState(false);
  const confirm = () => {
    setAsking(false);
    onConfirm();
  };
  return h(
    "div",
    { class: "confirm" },
    h(
      "button",
      {
        type: "button",
        "aria-label": label,
        "aria-expanded": isAsking,
        disabled: isDisabled,
        onClick: () => setAsking(!isAsking),
      },
      words,
    ),
    isAsking
      ? h(
          "div",
          { class: "question", role: "group", "aria-label": question },
          h("p", null, question),
          h(
            "div",
            { class: "buttons" },
            h("button", { type: "button", class: "danger", onClick: confirm }, confirmWords),
            h("button", { type: "button", onClick: () => setAsking(false) }, "Leave it"),
          ),
        )
      : null,
  );
}
