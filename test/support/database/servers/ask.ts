import pg from "pg";

/** Runs one statement over a connection of its own, and returns the column `answer` of its first row. */
export async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(statement);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}
