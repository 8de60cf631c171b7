// `npm test [-- part-of-a-file-name ...]`: starts PostgreSQL, finds Redis, runs the test files, three at a time, and ends
// with one line that counts.
import { chmodSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
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
  // Of several installations at a time, some of them with many gateways and workers.
  max_connections: "600",
};

function findFiles(parts: readonly string[]): string[] {
  const patterns = ["packages/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "test/**/*.test.ts"];
  const files = globSync(patterns, { cwd: projectFolder }).sort();
  const chosen = parts.length === 0 ? files : files.filter((file) => parts.some((part) => file.includes(part)));
  return chosen.map((file) => join(projectFolder, file));
}

function runFiles(files: string[]): Promise<{ passed: number; failed: number; skipped: number }> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const stream = run({ files, concurrency, timeout: testTimeoutMs, cwd: projectFolder });
  const isTest = (data: { details: { type?: string | undefined } }) => data.details.type !== "suite";
  stream.on("test:pass", (data) => {
    if (data.skip !== undefined && data.skip !== false) counts.skipped++;
    else if (isTest(data)) counts.passed++;
  });
  stream.on("test:fail", (data) => {
    // A suite that fails through its tests is not counted again.
    if (isTest(data) || failureType(data.details.error) !== "subtestsFailed") counts.failed++;
  });
  stream.compose(spec()).pipe(process.stdout);
  return new Promise((resolve) => stream.once("end", () => resolve(counts)));
}

function failureType(error: Error): unknown {
  return "failureType" in error ? error.failureType : undefined;
}

async function main(): Promise<boolean> {
  const files = findFiles(process.argv.slice(2));
  if (files.length === 0) {
    console.error("No test file has that in its name.");
    return false;
  }
  const redisServer = findRedisServer();
  if (redisServer === undefined) {
    const which =
      givenRedisUrl() === undefined ? "The tests of the Redis queues" : "Tests that stop, wipe or cluster Redis";
    console.log(
      `${which} do not run: there is no redis-server on the PATH. Install it (Debian: apt-get install redis-server).`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "onsale-test-"));
  // PostgreSQL runs as another user when the tests run as root.
  chmodSync(folder, 0o755);
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

process.exit((await main()) ? 0 : 1);
