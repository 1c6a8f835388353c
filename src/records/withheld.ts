import { join } from 'node:path';
import { readDocument } from '../platform/document.ts';
import { sha256 } from '../platform/ids.ts';
import { parseObject } from '../platform/json-object.ts';
import { literalSecrets, withoutSecretsDeep } from '../platform/literal-secrets.ts';
import { canonicalFile } from './canonical.ts';
import type { RunPaths } from './paths.ts';
import type { OpenedData } from './run-data.ts';

/**
 * Credentials that the user wrote into the design, the activation or a profile do their work in the script, and stay out of
 * the record: journal and manifest say `***`. What the launcher itself needs word by word lies in a file that is its owner's
 * alone, written before the journal's first line. See docs/explanation/decisions.md.
 */

/** Texts that must be as they are to work. */
export interface WorkingTexts {
  readonly script: string;
  readonly command_record: string | null;
  readonly activation: string | null;
  /** The launch host's. */
  readonly setup: string | null;
}

export const WITHHELD_FILE = 'withheld.json';
export const WITHHELD_MODE = 0o600;
const MOST_BYTES = 16 * 1024 * 1024;

function textsIn({ documents, host, remote }: OpenedData): WorkingTexts {
  return {
    script: documents.script,
    command_record: documents.command_record ?? null,
    activation: documents.activation ?? null,
    setup: remote?.setup ?? host.setup ?? null,
  };
}

/** What is journaled, and the text of the file beside it; null if nothing has to be withheld. Pure. */
export function withhold(opened: OpenedData): { readonly opened: OpenedData; readonly file: string | null } {
  const { entrypoint, command, documents, host, remote, warnings } = opened;
  const texts = textsIn(opened);
  const secrets = literalSecrets(entrypoint.argv, [texts.script, texts.activation ?? '', texts.setup ?? '']);
  const clean = <T>(value: T): T => withoutSecretsDeep(value, secrets);
  const { template, argv } = entrypoint;
  const cleaned = {
    entrypoint: { ...entrypoint, template: clean(template), argv: clean(argv) },
    command: clean(command),
    documents: clean(documents),
    ...(host.setup === undefined ? {} : { host: { ...host, setup: clean(host.setup) } }),
    ...(remote ? { remote: { ...remote, setup: clean(remote.setup) } } : {}),
  };
  const journaled: OpenedData = { ...opened, ...cleaned };
  if (JSON.stringify(journaled) === JSON.stringify(opened)) return { opened, file: null };
  const warning = `Text that looks like a credential is kept out of the record. It is in ${entrypoint.script}; pass it by a variable or a file.`;
  return { opened: { ...journaled, withheld: true, warnings: [...warnings, warning] }, file: canonicalFile(texts) };
}

/** The texts as they work: the journal's, or those that were kept beside it. Returns null if these are gone. */
export function workingTexts(paths: Pick<RunPaths, 'receipt'>, opened: OpenedData): WorkingTexts | null {
  if (opened.withheld !== true) return textsIn(opened);
  const read = readDocument(join(paths.receipt, WITHHELD_FILE), MOST_BYTES);
  const texts = read.kind === 'text' ? parseTexts(read.text) : null;
  return texts !== null && sha256(texts.script) === opened.entrypoint.script_sha256 ? texts : null;
}

/** The same run with the texts of its script as they work. Returns null if these are gone. */
export function asItWorks(paths: Pick<RunPaths, 'receipt'>, opened: OpenedData): OpenedData | null {
  const texts = workingTexts(paths, opened);
  if (texts === null) return null;
  const { script, activation } = texts;
  const documents = { ...opened.documents, script, ...(activation === null ? {} : { activation }) };
  return { ...opened, documents };
}

function parseTexts(text: string): WorkingTexts | null {
  const { script, command_record, activation = null, setup } = parseObject(text) ?? {};
  if (typeof script !== 'string' || !isTextOrNull(command_record) || !isTextOrNull(setup)) return null;
  return isTextOrNull(activation) ? { script, command_record, activation, setup } : null;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
