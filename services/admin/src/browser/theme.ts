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

/** A colour of the palette as it is at present, for a canvas, which knows no variables. */
export function paletteColour(name: string, opacity = 1): string {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return opacity === 1 ? color : color.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);
}
