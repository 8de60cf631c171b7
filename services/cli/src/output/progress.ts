// A line on stderr that shows how far something has got. On a terminal it is written again and again; elsewhere, such
// as in a log, a line is written with each tenth.

export type Progress = Readonly<{
  /** @param share 0 to 1 */
  show: (share: number, text: string) => void;
  /** Ends the line. */
  end: () => void;
}>;

const cells = 24;

type Terminal = Pick<NodeJS.WriteStream, "write"> & Readonly<{ isTTY?: boolean }>;

export function createProgress(stream: Terminal = process.stderr): Progress {
  let shownTenth = -1;
  return {
    show: (share, text) => {
      const tenth = Math.floor(share * 10);
      const line = `${bar(share)} ${text}`;
      if (stream.isTTY === true) stream.write(`\r\u001b[2K${line}`);
      else if (tenth !== shownTenth) stream.write(`${line}\n`);
      shownTenth = tenth;
    },
    end: () => {
      if (stream.isTTY === true && shownTenth >= 0) stream.write("\n");
    },
  };
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `${"█".repeat(full)}${"░".repeat(cells - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}
