/**
 * What other programs print goes into journals, logs and messages; credentials must not go with it: those of URLs, and the
 * values of variables whose names say that they are secret. Pure.
 */

const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY|(?:^|_)(?:KEY|AUTH))$/i;
/** A shorter value stands in any text by chance. */
export const SHORTEST_SECRET = 6;
/** `user:password@`, or a token alone; a name such as `git@` is none. One slash: what became of a URL that was taken for a path. */
const IN_URL = /([a-z][a-z0-9+.-]{0,20}:\/{1,2})(?:[^\s/@:]{0,500}:[^\s/@]{1,2000}|[^\s/@:]{20,2000})@/gi;

const IN_QUERY = /([?&][a-z_]{0,40}(?:token|key|secret|password)[a-z_]{0,40}=)[^&#\s]*/gi;

export function secretsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment)
    .flatMap(([name, value]) => (SECRET_NAME.test(name) && value !== undefined ? [value] : []))
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

/** Text without what URLs in it give away. */
export function withoutUrlSecrets(text: string): string {
  return text.replaceAll(IN_URL, '$1***@').replaceAll(IN_QUERY, '$1***');
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), withoutUrlSecrets(text));
}
