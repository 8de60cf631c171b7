// The colour theme that the user chose, and the colours that it results in.
const themes = ["auto", "dark", "light"] as const;
export type Theme = (typeof themes)[number];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** The chosen theme; `auto` follows the system. */
export function chosenTheme(): Theme {
  return themes.find((theme) => theme === document.documentElement.dataset.theme) ?? "auto";
}

/** Chooses the next theme, and stores it for set-theme.ts. */
export function chooseNextTheme(): void {
  const next = themes[(themes.indexOf(chosenTheme()) + 1) % themes.length] ?? "auto";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
}

/** Whether the page is drawn dark at present. */
export function isDark(): boolean {
  return chosenTheme() === "dark" || (chosenTheme() === "auto" && systemIsDark.matches);
}

/** Calls `onChange` when the system changes between light and dark. */
export function onSystemTheme(onChange: () => void): void {
  systemIsDark.addEventListener("change", onChange);
}

/** The present value of a colour of palette.css, for a canvas, which cannot use CSS variables. */
export function paletteColour(name: string, opacity = 1): string {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return opacity === 1 ? color : color.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);
}
