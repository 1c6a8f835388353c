/** Values as YAML text that every YAML 1.1 and 1.2 reader takes for the same value. Pure. */

/** A number or word whose spelling counts: `00123`, `3.10`. */
export interface AsWritten {
  readonly written: string;
}

const PLAIN_WORD = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
const AMOUNT = /^\d+[KMGT](?:i?B)?$/;
/** YAML 1.1 takes more words for something else than a text. */
const RESERVED = /^(?:null|true|false|yes|no|on|off|y|n)$/i;
// What JSON leaves as it is, and a reader of YAML or a reviewer may not see.
const UNSEEN = /[\u007F-\u009F\p{Cf}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/gu;

function unicodeEscape(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/** In double quotes: JSON's escapes are YAML's. */
export function quotedYaml(text: string): string {
  return JSON.stringify(text).replaceAll(UNSEEN, unicodeEscape);
}

/** Without quotes where every reader takes that for the same text. */
export function yamlScalar(text: string): string {
  const isPlain = (PLAIN_WORD.test(text) && !RESERVED.test(text)) || AMOUNT.test(text);
  return isPlain ? text : quotedYaml(text);
}

function isAsWritten(value: object): value is AsWritten {
  return 'written' in value && typeof value.written === 'string' && Object.keys(value).length === 1;
}

/** A value on one line, in the flow style: `{name: accuracy, mode: maximize}`. */
export function flowYaml(value: unknown): string {
  if (typeof value === 'string') return yamlScalar(value);
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (isAsWritten(value)) return value.written;
  return `{${Object.entries(value)
    .map(([key, item]) => `${yamlScalar(key)}: ${flowYaml(item)}`)
    .join(', ')}}`;
}
