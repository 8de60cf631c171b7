// `npm test [-- part-of-a-path ...]` runs the test files; `npm run test:long` runs the long ones.
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { type Choice, chooseFiles, describeChoice, readChoice } from "./run/choose-files.ts";
import { createWorkFolder } from "./run/work-folder.ts";
import { givenRedisUrl, publish, shareCompiledCode } from "./support/config.ts";
import { createTemplate } from "./support/database/database.ts";
import { startPostgres } from "./support/database/servers/postgres-server.ts";
import { findRedisServer } from "./support/external/programs.ts";
import { compileServices } from "./support/services/compile.ts";
import { projectFolder } from "./support/services/services.ts";

/** One more than the cores of the usual machine (2), because tests of services spend a third of their time waiting. */
const concurrency = 3;
const testTimeoutMs = 180_000;
/** Long tests run side by side, and take three times as long on a busy machine as alone. */
const longTestTimeoutMs = 480_000;
/** From this many test files on, compiling the services first saves time. */
const manyFiles = 10;
const slowestCountMax = 10;
const serverSettings = {
  // Tests count the statements that the services send.
  shared_preload_libraries: "pg_stat_statements",
  // Several installations run at a time, some of them with many gateways and workers.
  max_connections: "600",
  // Test databases are small, and with this a database is created and dropped twice as fast.
  shared_buffers: "128MB",
  max_wal_size: "1GB",
};

type FileDuration = Readonly<{ file: string; durationMs: number }>;
type Counts = { passed: number; failed: number; skipped: number };

function runFiles(files: readonly string[], timeout: number): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const durations: FileDuration[] = [];
  const stream = run({
    files: [...files],
    concurrency,
    timeout,
    cwd: projectFolder,
    // The client comes from its sources, not from a build.
    execArgv: ["--conditions=@onsale/source"],
  });
  const isTest = (data: { details: { type?: string | undefined } }) => data.details.type !== "suite";
  stream.on("test:pass", (data) => {
    if (data.skip !== undefined && data.skip !== false) counts.skipped++;
    else if (isTest(data)) counts.passed++;
  });
  stream.on("test:fail", (data) => {
    // A suite whose tests failed is not counted again.
    if (isTest(data) || failureType(data.details.error) !== "subtestsFailed") counts.failed++;
  });
  stream.on("test:summary", ({ file, duration_ms: durationMs }) => {
    if (file !== undefined) durations.push({ file: relative(projectFolder, file), durationMs });
  });
  stream.compose(spec()).pipe(process.stdout);
  return new Promise((resolve) =>
    stream.once("end", () => {
      console.log(describeSlowest(durations));
      resolve(counts);
    }),
  );
}

function describeSlowest(durations: readonly FileDuration[]): string {
  const slowest = durations.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, slowestCountMax);
  const lines = slowest.map(({ file, durationMs }) => `${(durationMs / 1_000).toFixed(1).padStart(7)} s  ${file}`);
  return ["\nThe slowest files:", ...lines].join("\n");
}

function failureType(error: Error): unknown {
  return "failureType" in error ? error.failureType : undefined;
}

/** Prints which tests are skipped without a `redis-server`. */
function warnWithoutRedis(redisServer: string | undefined): void {
  if (redisServer !== undefined) return;
  const which =
    givenRedisUrl() === undefined ? "The tests of the Redis queues" : "Tests that stop, wipe or cluster Redis";
  console.log(`${which} do not run: there is no redis-server on the PATH (Debian: apt-get install redis-server).`);
}

async function runAll(choice: Choice, files: readonly string[]): Promise<boolean> {
  console.log(describeChoice(choice, files));
  const redisServer = findRedisServer();
  warnWithoutRedis(redisServer);
  const folder = createWorkFolder();
  const postgres = await startPostgres(folder, serverSettings);
  const end = async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => void end().finally(() => process.exit(1)));
  }
  try {
    await createTemplate(postgres.url);
    publish(postgres.url, redisServer);
    shareCompiledCode(join(folder, "compiled"));
    if (files.length >= manyFiles) await compileServices(postgres.url);
    const { passed, failed, skipped } = await runFiles(
      files,
      choice.kind === "long" ? longTestTimeoutMs : testTimeoutMs,
    );
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 && passed > 0;
  } finally {
    await end();
  }
}

const choice = readChoice(process.argv.slice(2));
const files = chooseFiles(projectFolder, choice);
if (files.length === 0) console.error(describeChoice(choice, files));
// A run with --changed succeeds when no test file is affected.
const isOk = files.length === 0 ? choice.kind === "changed" : await runAll(choice, files);
process.exit(isOk ? 0 : 1);
