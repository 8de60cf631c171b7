// `npm test [-- part-of-a-file-name ...]` runs the test files; `npm run test:long` those that take long.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { type Choice, chooseFiles, describeChoice, readChoice } from "./run/choose-files.ts";
import { createDurations } from "./run/durations.ts";
import { createWorkFolder } from "./run/work-folder.ts";
import { givenRedisUrl, publish, shareCompiledCode } from "./support/config.ts";
import { createTemplate } from "./support/database/database.ts";
import { startPostgres } from "./support/database/postgres-server.ts";
import { findRedisServer } from "./support/external/redis-program.ts";
import { compileServices } from "./support/services/compile.ts";
import { projectFolder } from "./support/services/services.ts";

/** One more than the machine that the tests are made for has cores: tests of services wait for a third of their time. */
const concurrency = 3;
const testTimeoutMs = 180_000;
/** From this many test files on it pays to compile the services before. */
const manyFiles = 10;
const serverSettings = {
  // Tests count the statements that the services send.
  shared_preload_libraries: "pg_stat_statements",
  // For several installations at a time, some of them with many gateways and workers.
  max_connections: "600",
  // Test databases are small, and a database is created and dropped twice as fast.
  shared_buffers: "128MB",
  max_wal_size: "1GB",
};

type Counts = { passed: number; failed: number; skipped: number };

function runFiles(files: readonly string[]): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const durations = createDurations(projectFolder);
  const stream = run({
    files: [...files],
    concurrency,
    timeout: testTimeoutMs,
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
    // A suite that fails through its tests is not counted again.
    if (isTest(data) || failureType(data.details.error) !== "subtestsFailed") counts.failed++;
  });
  stream.on("test:summary", ({ file, duration_ms: durationMs }) => {
    if (file !== undefined) durations.add(file, durationMs);
  });
  stream.compose(spec()).pipe(process.stdout);
  return new Promise((resolve) =>
    stream.once("end", () => {
      console.log(durations.describeSlowest());
      resolve(counts);
    }),
  );
}

function failureType(error: Error): unknown {
  return "failureType" in error ? error.failureType : undefined;
}

/** Says which tests cannot run here for want of a `redis-server`. */
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
  try {
    await createTemplate(postgres.url);
    publish(postgres.url, redisServer);
    shareCompiledCode(join(folder, "compiled"));
    if (files.length >= manyFiles) await compileServices(postgres.url);
    const { passed, failed, skipped } = await runFiles(files);
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 && passed > 0;
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const choice = readChoice(process.argv.slice(2));
const files = chooseFiles(projectFolder, choice);
if (files.length === 0) console.error(describeChoice(choice, files));
// Without a change there is nothing to test, and that is fine.
const isOk = files.length === 0 ? choice.kind === "changed" : await runAll(choice, files);
process.exit(isOk ? 0 : 1);
