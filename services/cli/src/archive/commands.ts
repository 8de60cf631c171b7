// What `onsale orders archive` runs.
import type { CliConfig } from "../config.ts";
import { withDatabase } from "../database/connection.ts";
import { type Archived, type ArchiveRequest, archiveEvent } from "./archive-event.ts";

/** Counting the orders of a large event is one statement. */
const statementMaxMs = 120_000;

/** @throws CommandError as `archiveEvent` and `withDatabase` do */
export function archive(
  config: CliConfig,
  request: ArchiveRequest,
  progress: Parameters<typeof archiveEvent>[2],
): Promise<Archived> {
  return withDatabase(config, (db) => archiveEvent(db, request, progress), statementMaxMs);
}
