import { type ComponentChild, type ComponentChildren, h } from "preact";
import type { QueueLine } from "../console/messages/messages.ts";
import { formatTime } from "./format.ts";
import type { Live } from "./live/follow-stream.ts";
import { navigationEntries } from "./navigation.ts";
import type { Route } from "./route.ts";
import { chooseNextTheme, chosenTheme } from "./theme.ts";

type FrameProps = Readonly<{
  view: Route["view"];
  live: Live;
  isReadOnly: boolean;
  onTheme: () => void;
  children?: ComponentChildren;
}>;

/** The frame around every view: navigation, the state of the connection, theme and logout. */
export function Frame({ view, live, isReadOnly, onTheme, children }: FrameProps): ComponentChild {
  return h(
    "div",
    { class: "frame" },
    h("a", { class: "skip", href: "#content", onClick: focusContent }, "Skip to the content"),
    h(
      "header",
      { class: "shell" },
      h(
        "a",
        { class: "brand", href: "#/" },
        h("img", { src: "/assets/icon.svg", alt: "", width: 24, height: 24 }),
        "Onsale",
      ),
      h(Pulse, { live }),
      h(Navigation, { view }),
      h(Tools, { isReadOnly, onTheme }),
    ),
    h("div", { class: "page" }, h(Banner, { live }), h("main", { id: "content", tabIndex: -1 }, children)),
  );
}

function Navigation({ view }: Pick<FrameProps, "view">): ComponentChild {
  return h(
    "nav",
    { "aria-label": "Main" },
    navigationEntries.map(({ name, href, views }) =>
      h("a", { href, key: name, ...(views.includes(view) ? { "aria-current": "page" as const } : {}) }, name),
    ),
  );
}

const themeNames = { auto: "◐ Auto", dark: "● Dark", light: "○ Light" };

function Tools({ isReadOnly, onTheme }: Pick<FrameProps, "isReadOnly" | "onTheme">): ComponentChild {
  const theme = chosenTheme();
  const switchTheme = () => {
    chooseNextTheme();
    onTheme();
  };
  return h(
    "div",
    { class: "tools" },
    isReadOnly ? h("b", { class: "tag warn" }, "read-only") : null,
    h("button", { type: "button", onClick: switchTheme, "aria-label": `Colours: ${theme}. Change` }, themeNames[theme]),
    h("form", { method: "post", action: "/logout" }, h("button", null, "Log out")),
  );
}

/** The fragment of the URL names the view, so a link to `#content` cannot be followed. */
function focusContent(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

const connectionWords = { starting: "starting", silent: "stale", lost: "not connected" } as const;

function Pulse({ live: { connection, sections } }: { live: Live }): ComponentChild {
  const isUpToDate = connection === "live" && sections.health?.database.since == null;
  const word = connection === "live" ? (isUpToDate ? "live" : "stale") : connectionWords[connection];
  return h("span", { class: isUpToDate ? "tag ok pulse" : "tag bad pulse", role: "status" }, word);
}

function Banner({ live }: { live: Live }): ComponentChild | null {
  const text = troubleOf(live);
  return text === undefined ? null : h("p", { class: "alert banner", role: "alert" }, text);
}

function troubleOf({ trouble, sections: { health, queues = [] } }: Live): string | undefined {
  if (trouble !== null) {
    return `${trouble} This page reconnects by itself; until then you see the last known values.`;
  }
  if (health?.database.since != null) {
    const since = formatTime(health.database.since);
    return `PostgreSQL has not answered since ${since}. You see the values from then, until it answers again.`;
  }
  if (health?.queues.since != null) {
    const since = formatTime(health.queues.since);
    const silence = `The queues have not answered since ${since}: is Redis running?`;
    return `${silence} Orders are still accepted, and decided a moment later than usual.`;
  }
  return describeRestricted(queues);
}

/** Which queues are restricted: Onsale never does that, so somebody did, on this page or with another tool. */
function describeRestricted(queues: readonly QueueLine[]): string | undefined {
  const restricted = queues.filter(({ restrictions }) => restrictions.length > 0);
  if (restricted.length === 0) return undefined;
  const list = restricted.map(({ name, restrictions }) => `${name} (${restrictions.join(", ")})`).join(", ");
  const effect = "Workers decide orders without it, a moment later than usual; webhooks wait.";
  return `The work through queues is held back: ${list}. ${effect} “Release” beside a queue on the page Queues ends it.`;
}
