// The licences of what is bundled, which have to go with it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const licenceFile = /^licen[cs]e(\.|$)/i;

/**
 * The licence of each package that some of the files are of, one after the other.
 *
 * @param files relative to the project's folder, with slashes
 */
export function licencesOf(files: readonly string[], projectFolder: string): string {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...folders]
    .sort()
    .map((folder) => {
      const name = folder.replace(/^.*node_modules\//, "");
      const found = readdirSync(join(projectFolder, folder)).find((file) => licenceFile.test(file));
      const text =
        found === undefined
          ? `Licence: ${statedLicence(join(projectFolder, folder))}`
          : readFileSync(join(projectFolder, folder, found), "utf8");
      return `${name}\n\n${text.trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The name of a licence, for a package that has no file with its text. */
function statedLicence(folder: string): string {
  const { license }: Readonly<{ license?: string }> = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (license === undefined) throw new Error(`${folder} does not say what its licence is`);
  return license;
}
