/** What the options of a verb may be. A wrong one is a slip of the calling program: a TypeError that says so plainly. */

export interface Rule {
  readonly takes: string;
  readonly accepts: (value: unknown) => boolean;
  readonly required?: true;
}

/** A rule for each option of a verb. */
export type OptionRules<Options> = { readonly [Name in keyof Options]-?: Rule };

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

export const flag: Rule = { takes: 'true or false', accepts: (value) => typeof value === 'boolean' };
export const text: Rule = { takes: 'a string that is not empty', accepts: isText };
/** For ids and names: whether it is one is for the verb to say, by a code. */
export const anyText: Rule = { takes: 'a string', accepts: (value) => typeof value === 'string' };
export const maybeText: Rule = {
  takes: 'a string or null',
  accepts: (value) => value === null || typeof value === 'string',
};
export const maybeDigest: Rule = {
  takes: 'a digest (64 hex digits, lower case) or null',
  accepts: (value) => value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
};
export const maybeMilliseconds: Rule = {
  takes: 'a number of milliseconds from 0, or null',
  accepts: (value) => value === null || (typeof value === 'number' && value >= 0),
};
export const maybeCount: Rule = {
  takes: 'a whole number from 0, or null',
  accepts: (value) => value === null || (Number.isSafeInteger(value) && Number(value) >= 0),
};
export const counts: Rule = {
  takes: 'an array of whole numbers from 0',
  accepts: (value) => Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && Number(one) >= 0),
};
export const maybeTime: Rule = {
  takes: 'a time, such as "2026-11-24T03:15:00Z", or null',
  accepts: (value) => value === null || (typeof value === 'string' && !Number.isNaN(Date.parse(value))),
};
export const texts: Rule = {
  takes: 'an array of strings',
  accepts: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
};
export const callback: Rule = { takes: 'a function', accepts: (value) => typeof value === 'function' };
export const abortSignal: Rule = {
  takes: 'an AbortSignal',
  accepts: (value) => typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
};

export function oneOf(...values: readonly (string | null)[]): Rule {
  return {
    takes: `one of ${values.map((value) => (value === null ? 'null' : JSON.stringify(value))).join(', ')}`,
    accepts: (value) => values.some((candidate) => candidate === value),
  };
}

export function required(rule: Rule): Rule {
  return { ...rule, required: true };
}

function shown(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return JSON.stringify(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Returns the options without those that are undefined. Throws a TypeError for anything that the verb does not take. */
export async function checkOptions<Options extends object>(
  verb: string,
  options: unknown,
  rules: OptionRules<Options>,
): Promise<Options> {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${verb} takes its options as one object, not ${shown(options)}`);
  const table = new Map(Object.entries<Rule>(rules));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const rule = table.get(name);
    if (rule === undefined) throw new TypeError(await unknownOption(verb, name, [...table.keys()]));
    if (!rule.accepts(value)) throw new TypeError(`${verb}: ${name} takes ${rule.takes}, not ${shown(value)}`);
  }
  for (const [name, rule] of table)
    if (rule.required === true && !given.some(([known]) => known === name))
      throw new TypeError(`${verb} needs the option ${name}: ${rule.takes}`);
  return Object.fromEntries(given) as Options;
}

async function unknownOption(verb: string, name: string, known: readonly string[]): Promise<string> {
  const { likelyWord } = await import('../platform/misspelling.ts');
  const likely = likelyWord(name, known);
  const better =
    likely === null ? (known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`) : `did you mean ${likely}?`;
  return `${verb} has no option ${JSON.stringify(name)}; ${better}`;
}
