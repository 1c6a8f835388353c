/**
 * The file of the keys that may approve, as ssh-keygen reads it (ssh-keygen(1), ALLOWED SIGNERS). ssh-keygen judges; this
 * only says why it refuses. Pure.
 */

export interface AllowedSigner {
  /** Patterns, separated by commas. */
  readonly principals: string;
  /** Such as `valid-before="20270101"`; '' if there are none. */
  readonly options: string;
  /** The public key, base64. */
  readonly key: string;
}

const LINE =
  /^("[^"]*"|\S+)\s+(?:(\S.*?)\s+)?(?:cert-authority\s+)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+)\s+([A-Za-z0-9+/=]+)/;

export function parseAllowedSigners(text: string): readonly AllowedSigner[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, principals, options = '', , key] = LINE.exec(line.trim()) ?? [];
    if (principals === undefined || key === undefined || principals.startsWith('#')) return [];
    return [{ principals: principals.replaceAll('"', ''), options, key }];
  });
}

/** The public key in a signature (PROTOCOL.sshsig), base64; null if it is none. */
export function keyOfSignature(armored: string): string | null {
  const body = /-----BEGIN SSH SIGNATURE-----([\s\S]*?)-----END SSH SIGNATURE-----/.exec(armored)?.[1];
  if (body === undefined) return null;
  const bytes = Buffer.from(body.replaceAll(/\s/g, ''), 'base64');
  if (bytes.subarray(0, 6).toString('latin1') !== 'SSHSIG' || bytes.length < 14) return null;
  const length = bytes.readUInt32BE(10);
  return bytes.length < 14 + length ? null : bytes.subarray(14, 14 + length).toString('base64');
}

/** Why ssh-keygen does not take a signature as the signer's. */
export function whyNotSigned(signers: readonly AllowedSigner[], armored: string, by: string, file: string): string {
  const key = keyOfSignature(armored);
  if (key === null) return 'the signature is damaged';
  const mine = signers.filter((signer) => signer.key === key);
  if (mine.length === 0) return `its key is not in ${file}`;
  const named = mine.find(({ principals }) => principals.split(',').includes(by));
  if (named === undefined)
    return `its key is that of ${mine.map(({ principals }) => principals).join(', ')} in ${file}, not of ${by}`;
  return named.options === ''
    ? 'it was given to something else'
    : `it was given to something else, or its key does not count now (${named.options} in ${file})`;
}
