/** Files whose names look like secrets: named in the records, never copied and never listed by content. Pure. */
const PATTERNS: readonly RegExp[] = [
  /^\.env(\..+)?$/i,
  /^\.netrc$/i,
  /^\.pgpass$/i,
  /^\.npmrc$/i,
  /^\.pypirc$/i,
  /^\.htpasswd$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/i,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk)$/i,
  /^credentials(\.(json|ya?ml|toml|ini|txt))?$/i,
  /^secrets?(\.(json|ya?ml|toml|ini|txt|env))?$/i,
  /^service[-_]?account.*\.json$/i,
];

/** `.env.example` and the like are made to be shared. */
const SHARED = /\.(example|sample|template|dist)$/i;

export function looksSecret(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return !SHARED.test(name) && PATTERNS.some((pattern) => pattern.test(name));
}
