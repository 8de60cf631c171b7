// `npm start` by different users: by root in folders that no other user can enter, and by an ordinary user.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import { projectFolder } from "../../support/services/services.ts";
import { newDataDir, startStandalone } from "../../support/services/standalone.ts";

const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? false : "only root can run a program as another user";

/** Copies the project, with its installed dependencies, to a folder with these permissions. */
function copyProject(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-copy-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, "onsale");
  // Hard links where the file system allows them, because copying everything takes long.
  const entries = ["node_modules", "packages", "services", "migrations", "package.json", "tsconfig.base.json"];
  const copyAll = `mkdir "$2" && cd "$1" && shift 2 && (cp -al -- "$@" "$COPY" 2>/dev/null || cp -a -- "$@" "$COPY")`;
  execFileSync("sh", ["-c", copyAll, "sh", projectFolder, copy, ...entries], { env: { ...process.env, COPY: copy } });
  chmodSync(folder, mode);
  return copy;
}

describe("npm start, by different users", () => {
  it("root runs it with its project and data in folders that no other user can enter", {
    skip: needsRoot,
  }, async () => {
    const project = copyProject(0o700);
    const onsale = startStandalone({ project, dataDir: newDataDir(0o700) });
    const api = await onsale.ready();
    assert.equal((await api.purchase({ eventCode: "EVNT-ROCK-2025", waitSeconds: 10 })).body.status, "CONFIRMED");
    onsale.process.kill("SIGTERM");
    assert.equal(await onsale.exited, 0);
  });

  it("an ordinary user runs it", { skip: needsRoot }, async () => {
    const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
    const user = { uid: id("-u"), gid: id("-g") };
    const dataDir = newDataDir(0o700);
    chownSync(dataDir, user.uid, user.gid);
    const onsale = startStandalone({ project: copyProject(0o755), dataDir, user });
    const api = await onsale.ready();
    assert.equal((await api.purchase({ eventCode: "EVNT-ROCK-2025", waitSeconds: 10 })).body.status, "CONFIRMED");
    onsale.process.kill("SIGTERM");
    assert.equal(await onsale.exited, 0);
  });
});
