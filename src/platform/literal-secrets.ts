import { quotePosix } from './quoting.ts';
import { SHORTEST_SECRET, withoutSecrets } from './redact.ts';

/**
 * Literal credentials in text that a user wrote: the words of a command, a shell script. Only names that rarely mean
 * anything else count, because `--pad-token` and `--sort-key` are not secrets. `redact.ts` handles URLs. Pure.
 */

const FLAG = /^--?([\w.-]{1,80})(?:=([^]*))?$/;
const SECRET_FLAG =
  /(?:^|[-_.])(?:password|passwd|passphrase|secret|(?:api|access|secret|private)[-_]?key|(?:api|access|auth|bearer|hf|hub|github|gitlab|wandb)[-_]?token)$/i;
const ASSIGNMENT = /\b([A-Z][A-Z0-9_]{2,80})=("[^"\n]{1,2000}"|'[^'\n]{1,2000}'|[^\s;&|"'`()]{1,2000})/g;
const SECRET_VARIABLE = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY|_KEY|_AUTH)$/;

/** Values of `--api-key VALUE` in words, and of `export API_KEY=VALUE` in texts; the longest first. */
export function literalSecrets(words: readonly string[], texts: readonly string[]): readonly string[] {
  const found = [...words.flatMap((word, index) => ofFlag(word, words[index + 1])), ...texts.flatMap(ofAssignments)];
  const values = found.filter((value) => value.length >= SHORTEST_SECRET && !/^(?:\$|\{\{|[\d.]+$)/.test(value));
  return [...new Set(values.flatMap((value) => [value, quotePosix(value)]))].sort((a, b) => b.length - a.length);
}

function ofFlag(word: string, next: string | undefined): readonly string[] {
  const [, name = '', value] = FLAG.exec(word) ?? [];
  if (!SECRET_FLAG.test(name)) return [];
  if (value !== undefined) return [value];
  return next === undefined || next.startsWith('-') ? [] : [next];
}

function ofAssignments(text: string): readonly string[] {
  return [...text.matchAll(ASSIGNMENT)].flatMap(([, name = '', value = '']) =>
    SECRET_VARIABLE.test(name) ? [value.replace(/^(["'])(.*)\1$/, '$2')] : [],
  );
}

/** No text has this many; searching every text for each of them takes minutes. */
const MOST_SECRETS = 200;

/** Removes the secrets from every text in a value, at any depth. */
export function withoutSecretsDeep<T>(value: T, secrets: readonly string[]): T {
  const clean = (item: unknown): unknown => {
    if (typeof item === 'string') return secrets.length > MOST_SECRETS ? '***' : withoutSecrets(item, secrets);
    if (Array.isArray(item)) return item.map(clean);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, clean(inner)]));
  };
  return clean(value) as T;
}
