/** What is said to rsync, and what it says of its progress. Pure. Source: rsync(1). */

/** Where a file lies until it is whole; a transfer that broke goes on from there. */
export const PARTIAL_FOLDER = '.autolab-partial';

/** Without a sign of life for so long, rsync gives up; the next try goes on from where it was. */
const TIMEOUT_SECONDS = 120;

export interface RsyncOrder {
  /** argv of ssh without the destination. */
  readonly ssh: readonly string[];
  readonly destination: string;
  readonly direction: 'push' | 'pull';
  /** Absolute, on this side and on the other. */
  readonly here: string;
  readonly there: string;
  /** Absolute, there: files that are the same in it are copied from it instead of sent. */
  readonly copyFrom?: string | null;
}

/** The names are read from standard input, NUL between them. Links stay links; nothing is ever deleted. */
export function rsyncArgv({
  ssh,
  destination,
  direction,
  here,
  there,
  copyFrom = null,
}: RsyncOrder): readonly string[] {
  // rsync appends a host, which it cannot read as a URL, and the command: the shell puts the destination in its place.
  const shell = `shift; exec ${ssh.map(quoteForShell).join(' ')} -- "$0" "$@"`;
  const remote = `far:${there}/`;
  const local = `${here}/`;
  return [
    'rsync',
    '--links',
    '--perms',
    '--times',
    '--protect-args',
    '--from0',
    '--files-from=-',
    '--no-motd',
    `--partial-dir=${PARTIAL_FOLDER}`,
    `--timeout=${TIMEOUT_SECONDS}`,
    '--info=progress2',
    '--outbuf=L',
    ...(copyFrom === null ? [] : [`--copy-dest=${copyFrom}`]),
    `--rsh=sh -c ${quoteForRsync(shell)} ${quoteForRsync(destination)}`,
    ...(direction === 'push' ? [local, remote] : [remote, local]),
  ];
}

/** The word stands in double quotes for rsync, so only single ones are used here. */
function quoteForShell(word: string): string {
  if (/['"]/.test(word)) throw new Error(`cannot be given to rsync: ${JSON.stringify(word)}`);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}

/** rsync splits --rsh at spaces; inside of quotes a quote of the same kind is written twice. */
function quoteForRsync(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}

export interface RsyncProgress {
  readonly bytes: number;
  readonly percent: number;
  /** As rsync writes it: `10.53MB/s`. */
  readonly rate: string;
  /** `0:00:12`: what is left, or in the last line what it took. */
  readonly time: string;
}

const LINE = /^\s*([\d,.]+)\s+(\d+)%\s+(\S+\/s)\s+(\d+:\d\d:\d\d)/;

/** The last whole line of what was printed so far; null where there is none. */
export function parseProgress(text: string): RsyncProgress | null {
  for (const line of text.split(/[\r\n]/).reverse()) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, bytes = '', percent = '', rate = '', time = ''] = match;
    return { bytes: Number(bytes.replaceAll(/[,.]/g, '')), percent: Number(percent), rate, time };
  }
  return null;
}
