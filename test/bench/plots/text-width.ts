// Vega lays text out by its width, and guesses 0.8 of the font's size per character when it has no canvas to measure on.
// That is half as much again as Inter's letters have, and leaves a wide empty margin and cuts labels that would fit.
import * as vega from "vega";

const widthOfCharacter = 0.56;
const usualFontSize = 11;

/** Makes Vega's guess fit the font of our plots. */
export function fitTextWidth(): void {
  // It is not in Vega's types.
  const metrics: unknown = Reflect.get(vega, "textMetrics");
  if (typeof metrics !== "object" || metrics === null) throw new Error("this Vega has no textMetrics");
  Reflect.set(metrics, "width", (item: object, text: unknown) => {
    const size = Number(Reflect.get(item, "fontSize") ?? usualFontSize);
    return Math.round(widthOfCharacter * String(text ?? Reflect.get(item, "text") ?? "").length * size);
  });
}
