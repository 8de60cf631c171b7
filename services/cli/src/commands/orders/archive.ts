// `onsale orders archive ...`
import { type Command, InvalidArgumentError } from "commander";
import type { Archived, ArchiveRequest } from "../../archive/archive-event.ts";
import type { Verified } from "../../archive/verify-file.ts";
import { eventCode, personName } from "../../arguments.ts";
import type { Output } from "../../output/output.ts";
import { renderFields } from "../../output/table.ts";
import { count, plain } from "../../output/text.ts";

export type ArchiveNeeds = Pick<Output, "show" | "note"> &
  Readonly<{
    archive: (request: ArchiveRequest) => Promise<Archived>;
    verifyArchive: (file: string) => Promise<Verified>;
    /** Makes the exit code 1. */
    fail: () => void;
  }>;

type Options = Readonly<{ event?: string; to?: string; account: string; verify?: string }>;

/** `onsale orders archive`: uses the database, because it deletes what the API only adds to. */
export function addArchive(orders: Command, { archive, verifyArchive, show, note, fail }: ArchiveNeeds): void {
  const command = orders.command("archive");
  command
    .description(
      "move all orders of a past event to a file, which is verified before they are deleted; a killed run goes on when " +
        "it is run again. Needs DATABASE_URL, or a running npm start",
    )
    .option("--event <code>", "the event's code", eventCode)
    .option("--to <file>", "the file to write", fileName)
    .option("--account <name>", "the account that the event belongs to", personName, "default")
    .option("--verify <file>", "only read a file back: check its digest, replay its audit", fileName)
    .action(async ({ event, to: file, account, verify }: Options) => {
      if (verify !== undefined && event === undefined && file === undefined) {
        const verified = await verifyArchive(verify);
        show(verified, renderVerified);
        if (verified.faults.length > 0) fail();
        return;
      }
      if (verify !== undefined || event === undefined || file === undefined) {
        return command.error("error: give either --event CODE and --to FILE, or --verify FILE");
      }
      const archived = await archive({ event, file, account });
      show(archived, renderArchived);
      if (archived.left === 0) return;
      note(`${count(archived.left)} orders have changed since; archive them, too, with another file.`);
      fail();
    });
}

function fileName(text: string): string {
  if (text !== "" && !text.includes("\0")) return text;
  throw new InvalidArgumentError("It must be the path of a file.");
}

function renderArchived({ eventCode: code, file, digest, orders, left }: Archived): string {
  return renderFields([
    ["event", code],
    ["file", plain(file)],
    ["digest", digest],
    ["orders", count(orders)],
    ["left", count(left)],
  ]);
}

function renderVerified({ eventCode: code, digest, facts, countByStatus, isReplayed, faults }: Verified): string {
  const counts = Object.entries(countByStatus).map(([status, number]) => `${count(number)} ${status}`);
  const replay = isReplayed ? "every decision is explained" : "not possible: earlier orders are in another file";
  return renderFields([
    ["event", plain(code)],
    ["digest", digest],
    ["orders", [count(facts.orderCount), ...counts].join(", ")],
    ["replay", faults.length === 0 ? replay : faults.map(plain).join("; ")],
  ]);
}
