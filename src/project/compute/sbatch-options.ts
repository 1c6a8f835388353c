import { controlInLine } from '../../documents/characters.ts';
import { shown } from '../../documents/excerpt.ts';
import type { Notes } from '../../documents/notes.ts';
import { abbreviationOf, readOption, takesValue } from '../sbatch-option.ts';
import { KEY_OF_OPTION, whyNotPossible } from '../sbatch-owned.ts';
import { isAbsent } from './values.ts';

/** `compute.sbatch_options`: options of sbatch without a key, each a whole word such as `--hint=nomultithread`. */

export interface PassedOption {
  /** The long name, without `--`. */
  readonly name: string;
  readonly value: string | null;
}

const MOST_OPTIONS = 100;
const LONGEST_OPTION = 1024;
/** Has a key, but is a common example of a passed option: accepted here, too, if the key is not set. */
const EITHER = 'licenses';

export function readSbatchOptions(
  notes: Notes,
  pointer: string,
  value: unknown,
  hasLicenses: boolean,
): readonly PassedOption[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value) || value.length > MOST_OPTIONS) {
    notes.error(pointer, 'value.type', 'must be a list of options of sbatch, such as `["--hint=nomultithread"]`');
    return [];
  }
  const passed: PassedOption[] = [];
  for (const [index, word] of (value as readonly unknown[]).entries()) {
    const at = `${pointer}/${index}`;
    const found = typeof word === 'string' ? judge(word, passed, hasLicenses) : 'must be an option of sbatch, as text';
    if (typeof found === 'string') notes.error(at, 'value.invalid', found);
    else passed.push(found);
  }
  return passed;
}

/** The option, or the reason against it, phrased to follow its place. */
function judge(word: string, before: readonly PassedOption[], hasLicenses: boolean): PassedOption | string {
  const it = `(${shown(word)})`;
  if (word.length > LONGEST_OPTION) return `is longer than ${LONGEST_OPTION} characters`;
  const control = controlInLine(word);
  if (control !== null) return `contains the control character ${control}; remove it`;
  if (/^(?:hetjob|packjob|:)$/.test(word.trim())) return `${it} would turn one job into several; remove it`;
  const option = readOption(word);
  if (option === null || /^\s/.test(option.value ?? '')) return `${it} is not one option; ${adviceOn(word)}`;
  const objection = objectionTo(option, it, hasLicenses);
  if (objection !== null) return objection;
  const { name, value } = option;
  if (before.some((one) => one.name === name)) return `${it} is a duplicate; remove one`;
  return { name, value };
}

function objectionTo({ name, value }: PassedOption, it: string, hasLicenses: boolean): string | null {
  if (name.length === 1) return `${it} is not an sbatch option; remove it`;
  const whole = abbreviationOf(name);
  if (whole !== null) return `${it} is short for \`--${whole}\`; ${adviceFor(whole) ?? 'write it in full'}`;
  const advice = name === EITHER && !hasLicenses ? null : adviceFor(name);
  if (name === 'gres' && asksForGpus(value)) return `${it} has a key of its own; write \`compute.gpu_count\``;
  if (advice !== null) return `${it} ${advice}`;
  const takes = takesValue(name);
  if (takes === 'yes' && value === null) return `${it} has no value; write \`--${name}=…\` in one word`;
  if (value === '') return `${it} has an empty value`;
  return takes === 'no' && value !== null ? `${it} takes no value; write \`--${name}\`` : null;
}

function adviceOn(word: string): string {
  const apart = /^(-[A-Za-z]|--[A-Za-z][\w-]*)\s+(\S.*)$/.exec(word.trim());
  const option = apart === null ? null : readOption(apart[1] ?? '');
  return option === null
    ? 'write a word such as `--hint=nomultithread`'
    : `write it in one word: ${shown(`--${option.name}=${apart?.[2] ?? ''}`)}`;
}

function adviceFor(name: string): string | null {
  const reason = whyNotPossible(name);
  if (reason !== null) return `${reason}; remove it`;
  const key = KEY_OF_OPTION[name];
  return key === undefined ? null : `has a key of its own; write \`compute.${key}\``;
}

/** `--gres` can name other resources besides GPUs, which have no key. */
function asksForGpus(value: string | null): boolean {
  return (value ?? '').split(',').some((one) => /^(?:gres[:/])?gpu(?:[:=/]|$)/.test(one));
}
