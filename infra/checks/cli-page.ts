// Makes docs/cli.md from the help of the program itself.
import { exitCodes } from "@onsale/cli/failure";
import { buildProgram } from "@onsale/cli/program";

const helpWidth = 100;

/** The page about the command line. */
export function cliPage(): string {
  const never = () => {
    throw new Error("the documentation must run no command");
  };
  const program = buildProgram({
    config: never,
    environment: never,
    client: never,
    withKeyStore: never,
    stop: new AbortController().signal,
    show: never,
    note: never,
    fail: never,
  });
  const { ok, failed, usage } = exitCodes;
  return `# The command line

\`npm run onsale -- <command>\` calls a gateway or a database that runs. Below is the \`--help\` of each command.

\`\`\`sh
npm run onsale -- keys create --name admin --scopes admin
export ONSALE_URL=https://tickets.example.com ONSALE_API_KEY=onsale_...
npm run onsale -- events create EVNT-JAZZ --name "Jazz Night" \\
  --start 2027-05-01T19:00:00Z --end 2027-05-01T22:00:00Z --ticket STANDARD=300 --ticket VIP=20
npm run onsale -- orders buy EVNT-JAZZ STANDARD 2
npm run onsale -- audit EVNT-JAZZ
npm run onsale -- doctor
\`\`\`

It calls the gateway at \`ONSALE_URL\` with the key in \`ONSALE_API_KEY\`. \`keys\`, \`accounts\` and \`doctor\`
connect to the database: \`DATABASE_URL\`, or without it the database of an \`npm start\` with the same \`DATA_DIR\`.
That is how the first key is made. [configuration.md](configuration.md) has all variables.

Tables and colours are for people. There are no colours without a terminal or with \`NO_COLOR\`. With \`--json\` results
are JSON, one per line, and errors (except those of usage) are JSON on stderr;
\`npm run --silent onsale -- events list --json\` leaves out npm's own lines. Times are shown in this machine's time
zone, and in UTC in JSON.

| exit code | meaning |
| --- | --- |
| ${ok} | success |
| ${failed} | it failed, or the answer is no: \`orders buy\` bought nothing, \`audit\` or \`doctor\` found a problem |
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
