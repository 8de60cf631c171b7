// Generates docs/cli.md from the help of the commands.
import { exitCodes } from "@onsale/cli/output/failure";
import { buildProgram } from "@onsale/cli/program";

const helpWidth = 100;

/** The page about the command line. */
export function cliPage(): string {
  const never = () => {
    throw new Error("the documentation runs no command");
  };
  const program = buildProgram({
    api: never,
    withKeyStore: never,
    archive: never,
    verifyArchive: never,
    environment: never,
    show: never,
    note: never,
    fail: never,
  });
  const { ok, failed, usage } = exitCodes;
  return `# The command line

\`npm run onsale -- <command>\` works on a running gateway or database. Below is the \`--help\` of each command.

\`\`\`sh
npm run onsale -- keys create --name admin --scopes admin
export ONSALE_URL=https://tickets.example.com ONSALE_API_KEY=onsale_...
npm run onsale -- events create EVNT-JAZZ --name "Jazz Night" \\
  --start 2027-05-01T19:00:00Z --end 2027-05-01T22:00:00Z --ticket STANDARD=300 --ticket VIP=20
npm run onsale -- orders buy EVNT-JAZZ STANDARD 2
npm run onsale -- orders hold EVNT-JAZZ --item VIP=1 --item STANDARD=2 --seconds 300
npm run onsale -- orders confirm ID --payment-reference pay_8Jk2
npm run onsale -- audit EVNT-JAZZ
npm run onsale -- doctor
\`\`\`

It calls the gateway at \`ONSALE_URL\` with the key in \`ONSALE_API_KEY\`. \`keys\`, \`accounts\`, \`doctor\` and
\`orders archive\` use the database directly and need no key, so \`keys\` can create the first one. \`DATABASE_URL\` says
which database.
Without these URLs the commands use the gateway and the database of the \`npm start\` that runs on \`DATA_DIR\`.
[configuration.md](configuration.md) has all variables.

Results are tables and colours for people. Without a terminal, or with \`NO_COLOR\`, there are no colours. With
\`--json\` results are JSON, one per line, and errors are JSON on stderr, except errors of usage, which are text; npm's
own lines are left out with \`npm run --silent onsale -- events list --json\`. Times are in this machine's time zone, in
JSON in UTC.

| exit code | meaning |
| --- | --- |
| ${ok} | the command did what it should |
| ${failed} | it failed, or the answer is no: \`orders buy\` bought or \`orders hold\` held nothing, \`audit\` or \`doctor\` found a fault |
| ${usage} | the command, an argument or a setting is wrong; nothing was done |

${sections(program, program.name()).join("\n\n")}
`;
}

type Command = ReturnType<typeof buildProgram>;

function sections(command: Command, path: string): string[] {
  const plain = { getOutHelpWidth: () => helpWidth, getOutHasColors: () => false };
  const help = command.configureOutput(plain).helpInformation().trim();
  const heading = `## \`${path}\``;
  const own =
    command.commands.length > 0 && command.parent !== null ? [] : [`${heading}\n\n\`\`\`text\n${help}\n\`\`\``];
  return [...own, ...command.commands.flatMap((child) => sections(child, `${path} ${child.name()}`))];
}
