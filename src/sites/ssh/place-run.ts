import { join } from 'node:path';
import { LIST_CODE_FILE } from '../../launch-scripts/code-listing.ts';
import { linkOrCopy } from '../../platform/copy.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import {
  exists,
  listNames,
  lstatOrNull,
  makeFolder,
  readTextOrNull,
  removeFolder,
  sizeOf,
  writeFileAtomic,
} from '../../platform/files.ts';
import { type ChecksumEntry, formatChecksums } from '../../records/checksums.ts';
import { RECEIPTS_FOLDER } from '../../records/tasks/task-files.ts';
import { workingTexts } from '../../records/withheld.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { CODE_LISTING_FILE, JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import { COMPARE, listsToCompare } from '../../transports/far-digests.ts';
import { packed, tellingLine, unpackArgv } from '../../transports/transfer.ts';
import type { TextsBeside } from '../carrier.ts';
import type { FarSite } from '../site.ts';
import { lostOf, type Trouble, troubleOf, withRetries } from './travel.ts';

/** The last part of `sync_to_remote`: what the job needs beside the code, and the comparison of everything. */

interface PlacedText {
  /** Relative to the run's folder. */
  readonly path: string;
  /** Null for a file that is in the run's folder here. */
  readonly text: string | null;
  readonly mode?: number;
}

/** The script, and the lists that the job compares the code with. */
export function textsOfRun(
  ctx: RunContext,
  far: FarSite,
  sums: readonly ChecksumEntry[],
  beside: TextsBeside,
): readonly PlacedText[] {
  const { opened } = viewOf(ctx);
  // If it is not the script that was ordered, its digest on the remote host says so.
  const script = workingTexts(ctx.paths, opened)?.script ?? opened.documents.script;
  const inputList = readTextOrNull(ctx.paths.inputSums);
  // A tree that rsync made has no git to list it; what is in it was sent for this run alone.
  const listing = (far.order.mode === 'git' ? [CODE_LISTING_FILE, LIST_CODE_FILE] : []).flatMap((name) => {
    const text = readTextOrNull(join(ctx.paths.receipt, name));
    return text === null ? [] : [{ path: `receipt/${name}`, text }];
  });
  return [
    { path: 'code.sha256', text: formatChecksums(sums) },
    { path: `receipt/${JOB_SCRIPT_FILE}`, text: script, mode: 0o777 },
    ...beside.map(([name, text]) => ({ path: `receipt/${name}`, text })),
    ...(inputList === null ? [] : [{ path: 'inputs.sha256', text: inputList }]),
    ...listing,
  ];
}

/** Exit status if the files could not be placed. */
const NOT_PLACED = 41;
// $1 is the run's folder, $2 the length of the archive that comes first on standard input, $3 that of the list of large files
// behind it, $4 and the rest unpack the archive. The list of all other files follows.
// Tasks make their receipts in a folder that must be there.
const place = (
  hasTasks: boolean,
): string => `mkdir -p -- "$1/receipt" "$1/logs"${hasTasks ? ` "$1/${RECEIPTS_FOLDER}"` : ''} || exit ${NOT_PLACED}
length=$2 list=$3; shift 3
head -c "$length" | "$@" || exit ${NOT_PLACED}
set -- "$list"
${COMPARE}`;

/** Places the texts and compares every digest there, in one round trip. Repeated as a whole, it has the same effect. */
export async function placeAndCompare(
  ctx: RunContext,
  far: FarSite,
  texts: readonly PlacedText[],
  entries: readonly ChecksumEntry[],
): Promise<Trouble | null> {
  const archive = await archiveOf(ctx, texts);
  if ('words' in archive) return archive;
  const folder = far.paths.folder;
  const program = place(viewOf(ctx).opened.tasks !== undefined);
  const bytesOf = (path: string): number => lstatOrNull(join(ctx.root, path))?.size ?? 0;
  const lists = listsToCompare(entries, bytesOf).map((list) => Buffer.from(formatChecksums(list)));
  const lengths = [archive, ...lists.slice(0, 1)].map(({ length }) => String(length));
  const words = [folder, ...lengths, ...unpackArgv(folder)];
  const compared = await withRetries(
    ctx,
    () =>
      far.ssh.run(['sh', '-c', program, 'sh', ...words], {
        timeoutMs: 3_600_000,
        cwd: far.order.root,
        stdin: Buffer.concat([archive, ...lists]),
        environment: { drop: [], keep: [], set: { LC_ALL: 'C' } },
        signal: ctx.control.signal,
      }),
    lostOf,
  );
  crashPoint('send.placed');
  if (compared.exitCode === 0) return null;
  if (compared.lost !== null || compared.timedOut) return troubleOf(compared);
  if (compared.exitCode === NOT_PLACED)
    return { words: tellingLine(compared.stderr, 'the script could not be placed'), lost: null };
  const different = compared.stdout.trim().split('\n').slice(0, 5).join('; ');
  return { words: `what arrived is not what was sent: ${different || compared.stderr.trim()}`, lost: null };
}

async function archiveOf(ctx: RunContext, texts: readonly PlacedText[]): Promise<Buffer | Trouble> {
  const temporary = join(ctx.root, '.autolab', 'tmp');
  const here = join(temporary, `place-${viewOf(ctx).opened.run_id}`);
  // What a driver that was killed left there.
  removeFolder(here);
  makeFolder(join(here, 'receipt'));
  try {
    for (const { path, text, mode } of texts) {
      if (text === null) linkOrCopy(join(ctx.paths.folder, path), join(here, path));
      else writeFileAtomic(join(here, path), text, mode);
    }
    // What is missing here shows when the digests are compared there.
    const files = texts.filter(({ path }) => exists(join(here, path)));
    const archive = await packed(
      here,
      files.map(({ path }) => ({ path, bytes: sizeOf(join(here, path)) })),
    );
    if (archive.exitCode === 0) return archive.stdout;
    return { words: tellingLine(archive.stderr, 'tar failed on this host'), lost: null };
  } finally {
    removeFolder(here);
    if (listNames(temporary).length === 0) removeFolder(temporary);
  }
}
