// DATA_DIR/run has a file per process with its pid in it. `standalone.pid` also keeps a second start away from the
// same folder; the others tell a new start what an earlier one that was killed may have left running.
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { becomes, runs, signal } from "./process-info.ts";

export type RunFolder = Readonly<{
  writePid: (name: string, pid: number) => void;
  removePid: (name: string) => void;
  /** Writes a file that only its owner can read, until the folder is released. */
  writeSecret: (name: string, text: string) => void;
  release: () => void;
}>;

const ownName = "standalone";
const leftoverGraceMs = 15_000;

/**
 * Takes the folder for this process, after what a killed predecessor left has ended.
 *
 * @param servicesFolder part of the command line of every child, so that a pid which is somebody else's by now is left alone
 * @throws when another Onsale runs on it
 */
export async function takeRunFolder(dataDir: string, servicesFolder: string): Promise<RunFolder> {
  const folder = join(dataDir, "run");
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string) => join(folder, `${name}.pid`);
  const remove = (name: string) => rmSync(name, { force: true });

  const secrets = new Set<string>();

  takeLock(fileOf(ownName), dataDir);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".pid") && name !== `${ownName}.pid`)) {
    await endLeftover(readPid(join(folder, file)), servicesFolder);
    remove(join(folder, file));
  }
  return {
    writePid: (name, pid) => writeFileSync(fileOf(name), `${pid}\n`),
    removePid: (name) => remove(fileOf(name)),
    writeSecret: (name, text) => {
      const file = join(folder, name);
      secrets.add(file);
      remove(file);
      writeFileSync(file, text, { mode: 0o600 });
    },
    release: () => {
      for (const file of secrets) remove(file);
      remove(fileOf(ownName));
    },
  };
}

function takeLock(file: string, dataDir: string): void {
  for (;;) {
    try {
      const descriptor = openSync(file, "wx");
      writeSync(descriptor, `${process.pid}\n`);
      closeSync(descriptor);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const owner = readPid(file);
    // Whatever folder it was started from, its command ends in the program's name.
    if (owner !== process.pid && runs(owner, "main.ts")) {
      throw new Error(`DATA_DIR ${dataDir} is in use by process ${owner}; stop that one or choose another folder`);
    }
    rmSync(file, { force: true });
  }
}

function readPid(file: string): number {
  return Number.parseInt(readFileSync(file, "utf8"), 10) || 0;
}

/**
 * A child ends by itself once its parent is gone; one that does not in time is killed. In a container the same few pids
 * come again at every start, so a child's old one may be this very process's.
 */
async function endLeftover(pid: number, servicesFolder: string): Promise<void> {
  const isLeft = () => pid > 0 && pid !== process.pid && runs(pid, servicesFolder);
  if (await becomes(() => !isLeft(), leftoverGraceMs)) return;
  signal(pid, "SIGKILL");
  await becomes(() => !isLeft(), leftoverGraceMs);
}
