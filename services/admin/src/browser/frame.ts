import { type ComponentChild, type ComponentChildren, h } from "preact";
import { formatTime } from "./format.ts";
import type { Live } from "./live/live.ts";
import { changeTheme, chosenTheme } from "./theme.ts";

type FrameProps = Readonly<{ live: Live; isReadOnly: boolean; onTheme: () => void; children?: ComponentChildren }>;

/** What is around every view: where one is, whether what one sees is true, and the way out. */
export function Frame({ live, isReadOnly, onTheme, children }: FrameProps): ComponentChild {
  const theme = chosenTheme();
  const switchTheme = () => {
    changeTheme();
    onTheme();
  };
  return h(
    "div",
    { class: "frame" },
    h("a", { class: "skip", href: "#content", onClick: focusContent }, "Skip to the sale"),
    h(
      "header",
      null,
      h(
        "a",
        { class: "brand", href: "#/" },
        h("img", { src: "/assets/icon.svg", alt: "", width: 24, height: 24 }),
        "Onsale",
      ),
      h(Pulse, { live }),
      h(
        "nav",
        { "aria-label": "Main" },
        h("a", { href: "#/" }, "Sale"),
        h("a", { href: "/queues/" }, "Queues"),
        isReadOnly ? h("b", { class: "tag warn" }, "read-only") : null,
        h(
          "button",
          { type: "button", onClick: switchTheme, "aria-label": `Colours: ${theme}. Change` },
          themeNames[theme],
        ),
        h("form", { method: "post", action: "/logout" }, h("button", null, "Log out")),
      ),
    ),
    h(Banner, { live }),
    h("main", { id: "content", tabIndex: -1 }, children),
  );
}

const themeNames = { auto: "◐ Auto", dark: "● Dark", light: "○ Light" };

/** The address belongs to the views, so a link into the page is followed by hand. */
function focusContent(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

const connectionWords = { starting: "starting", silent: "stale", lost: "not connected" } as const;

function Pulse({ live: { connection, sections } }: { live: Live }): ComponentChild {
  const isWell = connection === "live" && sections.health?.database.since == null;
  const word = connection === "live" ? (isWell ? "live" : "stale") : connectionWords[connection];
  return h("span", { class: isWell ? "tag ok pulse" : "tag bad pulse", role: "status" }, word);
}

function Banner({ live }: { live: Live }): ComponentChild | null {
  const text = troubleOf(live);
  return text === undefined ? null : h("p", { class: "alert banner", role: "alert" }, text);
}

function troubleOf({ trouble, sections: { health } }: Live): string | undefined {
  if (trouble !== null) {
    return `${trouble} This page connects again by itself; until then you see what was last known.`;
  }
  if (health?.database.since != null) {
    return `PostgreSQL has not answered since ${formatTime(health.database.since)}. What you see is from then; it goes on by itself.`;
  }
  if (health?.queues.since != null) {
    return `The queues have not answered since ${formatTime(health.queues.since)}: is Redis running? Orders are still accepted, and decided once it is back.`;
  }
  return undefined;
}
