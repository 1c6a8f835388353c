/** The arguments of rsync, and the parser of its progress. Pure. Source: rsync(1). */

/** The place of a partial file; an interrupted transfer resumes from it. */
export const PARTIAL_FOLDER = '.autolab-partial';

/** rsync stops after this time without any data; the next try resumes. */
const TIMEOUT_SECONDS = 120;

export interface RsyncOrder {
  /** argv of ssh without the destination. */
  readonly ssh: readonly string[];
  readonly destination: string;
  readonly direction: 'push' | 'pull';
  /** Absolute, on this host and on the other one. */
  readonly here: string;
  readonly there: string;
  /** Absolute, on the remote host: files that are identical there are copied instead of sent. */
  readonly copyFrom?: string | null;
}

/** The names come on standard input, separated by NUL. Links stay links; nothing is ever deleted. */
export function rsyncArgv({
  ssh,
  destination,
  direction,
  here,
  there,
  copyFrom = null,
}: RsyncOrder): readonly string[] {
  // rsync appends a host, which it would not accept as a URL, and the command: the shell inserts the destination
  // instead.
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

/** rsync gets the word in double quotes, so only single quotes are used here. */
function quoteForShell(word: string): string {
  if (/['"]/.test(word)) throw new Error(`rsync cannot take: ${JSON.stringify(word)}`);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}

/** rsync splits --rsh at spaces; inside quotes, the same kind of quote is doubled. */
function quoteForRsync(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}

export interface RsyncProgress {
  readonly bytes: number;
  readonly percent: number;
  /** As rsync writes it: `10.53MB/s`. */
  readonly rate: string;
  /** `0:00:12`: the remaining time, or on the last line the elapsed time. */
  readonly time: string;
}

const LINE = /^\s*([\d,.]+)\s+(\d+)%\s+(\S+\/s)\s+(\d+:\d\d:\d\d)/;

/** The last complete progress line of the output so far; null if there is none. */
export function parseProgress(text: string): RsyncProgress | null {
  for (const line of text.split(/[\r\n]/).reverse()) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, bytes = '', percent = '', rate = '', time = ''] = match;
    return { bytes: Number(bytes.replaceAll(/[,.]/g, '')), percent: Number(percent), rate, time };
  }
  return null;
}
