/**
 * Output of other programs is kept in journals, logs and messages; this removes credentials from it: those in URLs, and
 * the values of variables whose names mark them as secret. Pure.
 */

const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY|(?:^|_)(?:KEY|AUTH))$/i;
/** A shorter value would match unrelated text. */
export const SHORTEST_SECRET = 6;
/**
 * `user:password@`, or a token alone; a name such as `git@` is not a secret. One slash: a URL that was treated as a
 * path.
 */
const IN_URL = /([a-z][a-z0-9+.-]{0,20}:\/{1,2})(?:[^\s/@:]{0,500}:[^\s/@]{1,2000}|[^\s/@:]{20,2000})@/gi;

const IN_QUERY = /([?&][a-z_]{0,40}(?:token|key|secret|password)[a-z_]{0,40}=)[^&#\s]*/gi;

export function secretsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment)
    .flatMap(([name, value]) => (SECRET_NAME.test(name) && value !== undefined ? [value] : []))
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

/** Removes credentials from the URLs in a text. */
export function withoutUrlSecrets(text: string): string {
  return text.replaceAll(IN_URL, '$1***@').replaceAll(IN_QUERY, '$1***');
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), withoutUrlSecrets(text));
}
