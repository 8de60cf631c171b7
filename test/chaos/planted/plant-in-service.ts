// Loaded with `--import` before a service, which then runs with the code that the test wants. A change that does not
// fit the code ends the service.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../../support/services/services.ts";
import { changedCode, readPlant } from "./planted-code.ts";

const { changes, loadedFile } = readPlant(process.env.TEST_PLANT);
const byFile = Map.groupBy(changes, ({ file }) => file);

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const file = url.startsWith("file:") ? relative(projectFolder, fileURLToPath(url)) : "";
    const own = byFile.get(file);
    if (own === undefined) return loaded;
    const source = changedCode(String(loaded.source), own);
    appendFileSync(loadedFile, `${file}\n`);
    return { ...loaded, source };
  },
});
