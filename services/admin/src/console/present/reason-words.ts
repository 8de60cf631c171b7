// The reasons of rejections in words. Rejected orders and refused requests share the codes of the problem catalogue.
import { problemCatalogue } from "@onsale/contracts/problem";

const titles = new Map([
  ...Object.entries(problemCatalogue).map(([code, { title }]): [string, string] => [code, title]),
  // A stream ends without a problem; only the metric has this reason.
  ["too-many-streams", "Too many streams and waits are open"],
]);

/** The reason in words; the code itself when it is one of a later version. */
export function reasonWords(code: string): string {
  return titles.get(code) ?? code;
}
