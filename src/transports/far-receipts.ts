/**
 * The receipts of many tasks: a folder of thousands of small files whose names say most, and of which only new ones are
 * read. Pure: parts of the program of a look (`far-look.ts`), what it is told, and the parser of its answer.
 */
export interface ReceiptsOrder {
  /** Below the folder that is looked at. */
  readonly folder: string;
  /** The last look's name for the state of the folder; '' at first. */
  readonly stamp: string;
  /** News of them ends the wait only after this time. */
  readonly calmSeconds: number;
  /** The receipts that are here: see `knownReceipts`. It goes by standard input, because it can be long. */
  readonly known: string;
}

export interface FarReceipts {
  readonly stamp: string;
  /** New ones by name: the first line of each, which may be cut off; '' for one that cannot be read, or is empty yet. */
  readonly texts: ReadonlyMap<string, string>;
  /** There are more that are new. */
  readonly more: boolean;
}

/** In one answer. */
const MOST_NAMES = 5_000;
const MOST_BYTES = 8 * 1024 * 1024;
const MORE = '#more';
const NAMES_BEGIN = '#names';

/** What the program needs before its wait: `stamp` says when something was made, linked or renamed in the folder. */
export const RECEIPTS_STATE = `flat=$1 stamp=$2 flat_calm=$3; shift 3
stamp() { stat -c '%i %y' -- "$flat" 2>/dev/null | LC_ALL=C awk '{ gsub(/[^A-Za-z0-9]/, "-"); print }'; }`;

/** In the loop that waits. */
export const RECEIPTS_ARE_NEW = `[ $((clock - began)) -lt "$flat_calm" ] || [ "$(stamp)" = "$stamp" ] || break`;

// awk gets the known ones, and then the names in the folder. grep reads the first line of each new one: a receipt has one.
// A name that a task made up is no receipt; a pipe would keep its reader waiting.
export const RECEIPTS_NEWS = `printf 'stamp %s\\n' "$(stamp)"
new=$({ cat; echo '${NAMES_BEGIN}'; LC_ALL=C find "$flat" -maxdepth 1 -type f ! -name '*[!a-z0-9._]*' -printf '%f\\n' 2>/dev/null; } | LC_ALL=C awk '
  !names && $0 == "${NAMES_BEGIN}" { names = 1; next }
  !names && $1 == "n" { one[$2] = 1; next }
  !names { for (i = $2; i <= $3; i++) has[$1, i] = 1; next }
  length($0) > 60 || ($0 in one) { next }
  /^claim\\.[0-9]+\\.[0-9]+$/ { split($0, part, "."); if (part[3] == "0" && (("c", part[2]) in has)) next }
  /^[0-9]+\\.started$/ { split($0, part, "."); if (("s", part[1]) in has) next }
  /^[0-9]+\\.exit$/ { split($0, part, "."); if (("e", part[1]) in has) next }
  !/^claim\\.[0-9]+\\.[0-9]+$/ && !/^[0-9]+\\.(started|exit)$/ && !/^element\\.[0-9]+_[0-9]+\\.[0-9]+$/ { next }
  count++ < ${MOST_NAMES} { print }
  END { if (count > ${MOST_NAMES}) print "${MORE}" }')
unset GREP_OPTIONS
printf 'names %s\\n' "$(printf %s "$new" | in_base64)"
[ -z "$new" ] || printf 'texts %s\\n' "$({ cd -- "$flat" && printf '%s\\n' "$new" | xargs -d '\\n' sh -c 'find "$@" -maxdepth 0 -type f -size -64k -print0' sh | xargs -0 -r grep -aHm1 -D skip '' --; } 2>/dev/null | head -c ${MOST_BYTES} | in_base64)"`;

/** Numbers of tasks, ascending, and names of other receipts. */
export interface KnownReceipts {
  /** First attempts. */
  readonly claims: readonly number[];
  readonly started: readonly number[];
  readonly exits: readonly number[];
  readonly names: readonly string[];
}

/** The receipts that are here, in few lines however many there are: most have neighbours. */
export function knownReceipts({ claims, started, exits, names }: KnownReceipts): string {
  const lines = [...rangesOf('c', claims), ...rangesOf('s', started), ...rangesOf('e', exits)];
  return [...lines, ...names.map((name) => `n ${name}`)].map((line) => `${line}\n`).join('');
}

function rangesOf(word: string, numbers: readonly number[]): readonly string[] {
  const lines: string[] = [];
  for (let from = 0; from < numbers.length;) {
    const first = numbers[from] ?? 0;
    let to = from;
    while (numbers[to + 1] === first + (to + 1 - from)) to += 1;
    lines.push(`${word} ${first} ${first + to - from}`);
    from = to + 1;
  }
  return lines;
}

const NAME = /^(?:claim\.\d{1,6}\.\d{1,6}|\d{1,6}\.(?:started|exit)|element\.\d{1,19}_\d{1,10}\.\d{1,9})$/;

/** The lines of a look by their first word. Null if it did not look at receipts. */
export function parseReceipts(lines: ReadonlyMap<string, string>): FarReceipts | null {
  const stamp = lines.get('stamp');
  if (stamp === undefined) return null;
  const names = decoded(lines.get('names')).split('\n');
  const texts = new Map<string, string>();
  // The names become file names here.
  for (const name of names) if (NAME.test(name)) texts.set(name, '');
  // The last one has no end, or was cut off.
  for (const line of decoded(lines.get('texts')).split('\n').slice(0, -1)) {
    const at = line.indexOf(':');
    const name = line.slice(0, at);
    if (texts.has(name)) texts.set(name, `${line.slice(at + 1)}\n`);
  }
  return { stamp, texts, more: names.includes(MORE) };
}

function decoded(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
