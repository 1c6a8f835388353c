import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { git } from '../../code/git.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { inTemporaryFile, type SignersFile, sshKeygenTrouble, whyUnverified } from '../../plan/signature.ts';
import { readDocument } from '../../platform/document.ts';
import { lstatOrNull, realPathOr } from '../../platform/files.ts';
import { run } from '../../platform/process.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { SIGNATURE_NAMESPACE } from '../../project/signed-review.ts';

/** Signing with ssh-keygen: a key of the file system, or one that an agent holds. */

interface SigningKey {
  /** A private key, or a public one whose private half the agent has. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
}

export interface ToSign {
  readonly text: string;
  readonly by: string;
  /** A file, absolute or relative to the current folder; null for git's `user.signingkey`, else the agent. */
  readonly key: string | null;
}

/** Enough for whoever must touch a hardware key. */
const PATIENCE_MS = 60_000;
const MOST_BYTES = 1024 * 1024;

/** Returns the signature's text once it was verified: a signature that the gate would not take is none. */
export async function signReview(root: string, signers: SignersFile, toSign: ToSign): Promise<string | Failure> {
  const { by, key, text } = toSign;
  if (/\p{Cc}/u.test(by)) return cannot('`--by` has control characters, and no key can be named so');
  const sign = async (found: SigningKey): Promise<string | Failure> => {
    const armored = await signWith(root, found, text);
    if (typeof armored !== 'string') return armored;
    const why = await whyUnverified(root, signers, { text, by, armored });
    if (why === null) return armored;
    return why.code === 'review.no_ssh_keygen'
      ? failureOf(why.code, { message: why.message })
      : cannot(`${found.name} does not sign for ${by}: ${why.message.replace(/^[^:]*: /, '').replace(/\.$/, '')}`);
  };
  if (key !== null) return sign({ path: resolve(key), name: key });
  const configured = await gitSigningKey(root);
  if (configured?.kind === 'file')
    return sign({ path: configured.value, name: `user.signingkey of git (${configured.value})` });
  const publicKey = configured?.value ?? (await keyOfAgent(root, signers, by));
  if (publicKey === null)
    return cannot(
      `there is no key to sign with: no --key, no ssh key in git's user.signingkey, and ssh-agent holds none of ${signers.name}`,
    );
  return inTemporaryFile(`${publicKey}\n`, (path) => sign({ path, name: 'the key of ssh-agent' }));
}

function cannot(why: string, hint?: string): Failure {
  return failureOf('approval.cannot_sign', {
    message: `Nothing was approved: ${why}.`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * The text comes from stdin and the signature goes to stdout: beside a file that has a signature already, ssh-keygen asks,
 * writes nothing and ends with 0. In a session of its own it cannot ask for a passphrase on the terminal.
 */
async function signWith(root: string, { path, name }: SigningKey, text: string): Promise<string | Failure> {
  const read = readDocument(path, MOST_BYTES);
  if (read.kind !== 'text') return cannot(`${name} is not a key file that can be read`);
  if (read.text.startsWith('-----BEGIN') && isOpenToOthers(path))
    return cannot(`others can read the key ${name}, and ssh refuses such a key`, `Run: chmod 600 ${quotePosix(path)}`);
  const ended = await run(['ssh-keygen', '-q', '-Y', 'sign', '-n', SIGNATURE_NAMESPACE, '-f', path], {
    cwd: root,
    env: { ...process.env, SSH_ASKPASS_REQUIRE: 'never', SSH_ASKPASS: '', DISPLAY: '' },
    timeoutMs: PATIENCE_MS,
    stdin: text,
  });
  const trouble = sshKeygenTrouble(ended);
  if (trouble !== null) return failureOf(trouble.code, { message: trouble.message });
  if (ended.exitCode === 0 && ended.stdout.includes('BEGIN SSH SIGNATURE')) return ended.stdout;
  if (/passphrase/i.test(ended.stderr))
    return cannot(
      `${name} has a passphrase, which autolab does not ask for`,
      `Give it to the agent, then approve again: ssh-add ${quotePosix(path)}`,
    );
  const words = ended.stderr.trim().split('\n').at(-1)?.trim() ?? '';
  return cannot(`ssh-keygen does not sign with ${name}${words === '' ? '' : `: ${words}`}`);
}

/** As ssh judges: of a key of this user. */
function isOpenToOthers(path: string): boolean {
  const stats = lstatOrNull(realPathOr(path));
  return stats !== null && (stats.mode & 0o077) !== 0 && stats.uid === process.getuid?.();
}

type ConfiguredKey = { readonly kind: 'file' | 'public_key'; readonly value: string };

/** git has a path, or the public key itself; for gpg, an id that is neither. */
async function gitSigningKey(root: string): Promise<ConfiguredKey | null> {
  const asked = await git(realPathOr(root), ['config', '--get', 'user.signingkey']);
  const value = asked.exitCode === 0 ? asked.stdout.trim().replace(/^key::/, '') : '';
  if (/^(?:sk-)?(?:ssh|ecdsa)-\S+ /.test(value)) return { kind: 'public_key', value };
  const path = value.replace(/^~(?=\/)/, homedir());
  return value !== '' && lstatOrNull(path) !== null ? { kind: 'file', value: path } : null;
}

/** The public key of the agent that the file of signers names, the signer's own first; null if there is none. */
async function keyOfAgent(root: string, { signers }: SignersFile, by: string): Promise<string | null> {
  const listed = await run(['ssh-add', '-L'], { cwd: root, timeoutMs: PATIENCE_MS });
  if (listed.exitCode !== 0) return null;
  const keys = listed.stdout.split('\n').filter((line) => line.trim() !== '');
  const isIn = (line: string, allowed: SignersFile['signers']): boolean =>
    allowed.some(({ key }) => line.split(' ').includes(key));
  const own = signers.filter(({ principals }) => principals.split(',').includes(by));
  return keys.find((line) => isIn(line, own)) ?? keys.find((line) => isIn(line, signers)) ?? null;
}
