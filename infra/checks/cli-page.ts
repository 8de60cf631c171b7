// Generates docs/cli.md from the help of the commands.
import { exitCodes } from "@onsale/cli/output/failure";
import { buildProgram } from "@onsale/cli/program";
import { table } from "./table.ts";

const helpWidth = 100;

/** What commands print with --json. */
const documents = [
  ["one thing, such as `events show`, `orders buy`, `audit`", "an object"],
  [
    "a list that `--limit` cuts: `events list` and `activity`, `orders list` and `find`, `codes list`, " +
      "`webhooks list` and `deliveries`",
    '`{"items": [...], "total": 42, "totalIsExact": true}`; `total` counts those that are left out, too',
  ],
  [
    "a list that is always whole: `inventory show` and `move`, `orders history`, `codes create`, `keys list`, " +
      "`accounts list`, `doctor`",
    "an array",
  ],
  ["what is watched: `events watch` and `orders watch`", "an object on a line of its own, at once and for each change"],
] as const;

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
  const codes = [
    [
      String(exitCodes.ok),
      "the command did what it should; also after Ctrl-C in `watch`, and when the reader of a pipe has ended",
    ],
    [
      String(exitCodes.failed),
      "it failed or was stopped, or the answer is no: `orders buy` bought or `orders hold` held nothing, `audit` or " +
        "`doctor` found a fault, `orders archive` left orders or found a fault in a file",
    ],
    [String(exitCodes.usage), "the command, an argument or a setting is wrong; nothing was done"],
  ];
  const version = program.version();
  return `# The command line

\`onsale\` works on a running gateway or database. Below is the \`--help\` of each command.

\`\`\`sh
npx onsale keys create --name admin --scopes admin
export ONSALE_URL=https://tickets.example.com ONSALE_API_KEY=onsale_...
npx onsale events create EVNT-JAZZ --name "Jazz Night" \\
  --start 2027-05-01T19:00:00Z --end 2027-05-01T22:00:00Z --ticket STANDARD=300 --ticket VIP=20
npx onsale orders buy EVNT-JAZZ STANDARD 2
npx onsale orders hold EVNT-JAZZ --item VIP=1 --item STANDARD=2 --seconds 300
npx onsale orders confirm ID --payment-reference pay_8Jk2
npx onsale audit EVNT-JAZZ
npx onsale doctor
\`\`\`

It calls the gateway at \`ONSALE_URL\` with the key in \`ONSALE_API_KEY\`. \`keys\`, \`accounts\`, \`doctor\` and
\`orders archive\` use the database directly and need no key, so \`keys\` can create the first one.
\`DATABASE_URL\` says which database.
Without these URLs the commands use the gateway and the database of the \`npm start\` that runs on \`DATA_DIR\`.
[configuration.md](configuration.md) has all variables.

## Install it

In this repository \`npx onsale\` runs the sources, and installs first what is missing.
\`npm run onsale -- <command>\` does the same, but npm prints two lines of its own on stdout.

Elsewhere, it is one package without dependencies, for Node 20.19 or later. Make it here, and install the file there:

\`\`\`sh
npm run package -w @onsale/cli               # makes services/cli/dist/onsale-cli-${version}.tgz
npm install --global onsale-cli-${version}.tgz     # or without --global in a folder, for npx onsale
onsale --version
\`\`\`

\`onsale completion <shell>\` prints a script that completes commands, options and their values. It completes
\`onsale\` as a program on the \`PATH\`; shells know nothing of what follows \`npx\`. In bash it needs version 4.

\`\`\`sh
source <(onsale completion bash)                                     # in ~/.bashrc
source <(onsale completion zsh)                                      # in ~/.zshrc, after compinit
onsale completion fish > ~/.config/fish/completions/onsale.fish      # once
\`\`\`

## Times

Times are shown in your time zone, that of the machine or of the variable \`TZ\`, with their offset from UTC:
\`2027-05-01 21:00:00 +02:00\`. Options take times with an offset, also as they are shown, and times without one,
which are of your zone: \`2027-05-01T19:00:00Z\`, \`"2027-05-01 21:00:00 +02:00"\` and \`2027-05-01T21:00\` are the
same in Paris.
A time that your clocks skip or have twice, because they are put forward or back, is refused without an offset. In JSON
all times are UTC.

## Output for programs

Results are printed on stdout, everything else on stderr: remarks, progress and errors. On a terminal, results have
colours, unless \`NO_COLOR\` is set. With \`--json\`, a command prints one JSON document on one line. What comes from
the API has the API's fields.

${table(["what it shows", "the document"], documents)}

An error is \`{"error": {"title": "...", "details": ["..."], "advice": "..."}}\` on stderr, on one line. Remarks
there stay text.

\`\`\`sh
npx onsale orders list --event EVNT-JAZZ --status CONFIRMED --json | jq -r '.items[].id'
npx onsale events watch EVNT-JAZZ --json | jq --unbuffered '.pending'
\`\`\`

${table(["exit code", "meaning"], codes)}

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
