const themes = ["auto", "dark", "light"] as const;
export type Theme = (typeof themes)[number];

const darkness = matchMedia("(prefers-color-scheme: dark)");

/** What the person chose; `auto` is as the system has it. */
export function chosenTheme(): Theme {
  return themes.find((theme) => theme === document.documentElement.dataset.theme) ?? "auto";
}

/** Changes to the next one. */
export function changeTheme(): void {
  const next = themes[(themes.indexOf(chosenTheme()) + 1) % themes.length] ?? "auto";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
}

/** Whether it is dark at present. */
export function isDark(): boolean {
  return chosenTheme() === "dark" || (chosenTheme() === "auto" && darkness.matches);
}

/** Tells when the system changes from light to dark or back. */
export function onSystemTheme(tell: () => void): void {
  darkness.addEventListener("change", tell);
}

/** A colour of the page's palette as it is at present. */
export function paletteColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
