// Migrates the database of DATABASE_URL and exits, as a job before the services of a new version start. The job is
// optional: services migrate when they start; the first one does it while the others wait.
import { databaseUrl } from "@onsale/config/settings";
import { migrate } from "@onsale/database/migrate";

try {
  const applied = await migrate(databaseUrl.parse(process.env.DATABASE_URL || undefined));
  console.log(applied.length === 0 ? "The database is up to date." : `Applied ${applied.join(", ")}.`);
} catch (error) {
  console.error(`migrate: DATABASE_URL or its database: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
