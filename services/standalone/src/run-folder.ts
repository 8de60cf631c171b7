// The folder DATA_DIR/run has a file for each process, with its pid. `standalone.pid` is the lock that refuses a second
// start on the same DATA_DIR. The other pid files tell the next start which children a killed one may have left
// running. Further files tell programs on this machine where the gateway and the database are.
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { becomes, runs, signal } from "@onsale/service/process-info";
import { isStandalone, runFiles } from "@onsale/service/running-installation";

export type RunFolder = Readonly<{
  writePid: (name: string, pid: number) => void;
  removePid: (name: string) => void;
  /** Writes a file that exists until the folder is released. */
  write: (name: string, text: string) => void;
  /** Writes such a file that only its owner can read. */
  writeSecret: (name: string, text: string) => void;
  release: () => void;
}>;

const leftoverGraceMs = 15_000;

/**
 * Takes the folder for this process, and waits until the children of a killed predecessor have ended.
 *
 * @param servicesFolder every child has it in its command line; a process without it only got a child's old pid
 * @throws Error when another Onsale uses the folder
 */
export async function takeRunFolder(dataDir: string, servicesFolder: string): Promise<RunFolder> {
  const folder = join(dataDir, "run");
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string) => join(folder, `${name}.pid`);
  const remove = (name: string) => rmSync(name, { force: true });

  const ownFile = join(folder, runFiles.pid);
  const written = [runFiles.gatewayUrl, runFiles.databaseUrl].map((name) => join(folder, name));
  const write = (name: string, text: string, mode: number) => {
    const file = join(folder, name);
    written.push(file);
    remove(file);
    writeFileSync(file, text, { mode });
  };

  takeLock(ownFile, dataDir);
  // A killed start left them behind; nobody must take them for this one's.
  for (const file of written) remove(file);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".pid") && name !== runFiles.pid)) {
    await endLeftover(readPid(join(folder, file)), servicesFolder);
    remove(join(folder, file));
  }
  return {
    writePid: (name, pid) => writeFileSync(fileOf(name), `${pid}\n`),
    removePid: (name) => remove(fileOf(name)),
    write: (name, text) => write(name, text, 0o644),
    writeSecret: (name, text) => write(name, text, 0o600),
    release: () => {
      for (const file of [...written, ownFile]) remove(file);
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
    if (owner !== process.pid && isStandalone(owner)) {
      throw new Error(`DATA_DIR ${dataDir} is in use by process ${owner}; stop that one or choose another folder`);
    }
    rmSync(file, { force: true });
  }
}

function readPid(file: string): number {
  return Number.parseInt(readFileSync(file, "utf8"), 10) || 0;
}

/**
 * Waits for a child whose parent is gone to end by itself, and kills it after 15 s. In a container every start gets the
 * same few pids, so a child's old pid may be this process's own.
 */
async function endLeftover(pid: number, servicesFolder: string): Promise<void> {
  const isLeft = () => pid > 0 && pid !== process.pid && runs(pid, servicesFolder);
  if (await becomes(() => !isLeft(), leftoverGraceMs)) return;
  signal(pid, "SIGKILL");
  await becomes(() => !isLeft(), leftoverGraceMs);
}
