import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { autolabJson } from './autolab.ts';
import { commitAll, edit, makeProject, read, temporaryFolder, write } from './project.ts';

/** Projects whose reviews are signed, and keys to sign with. */

export const SIGNERS = '.autolab/allowed_signers';

export interface Key {
  readonly path: string;
  /** Type and base64. */
  readonly text: string;
}

export function newKey(passphrase = ''): Key {
  const folder = temporaryFolder();
  const path = join(folder, 'id key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', path]);
  return { path, text: read(folder, 'id key.pub').split(' ').slice(0, 2).join(' ') };
}

export const lineOf = (principal: string, key: Key, options = 'namespaces="autolab"'): string =>
  `${principal} ${options === '' ? '' : `${options} `}${key.text} comment\n`;

/** At the review, with the signers committed. */
export function signedProject(signers: string, settings = `{signers: ${SIGNERS}}`): string {
  const root = makeProject({ state: { stage: 'implementation_review' } });
  rmSync(`${root}/experiments/iter1/review_result.json`);
  write(root, SIGNERS, signers);
  edit(root, '.autolab/launch.yaml', (text) => `${text}review: ${settings}\n`);
  commitAll(root);
  return root;
}

/** No key of this machine's user, and no agent. */
export const ALONE = { SSH_AUTH_SOCK: '', GIT_CONFIG_GLOBAL: '/dev/null' };

export const approveSigned = (root: string, words: readonly string[], env: Record<string, string> = {}) =>
  autolabJson(root, ['approve', '--yes', ...words], { env: { ...ALONE, ...env } });

export const ofAda = (key: Key): readonly string[] => ['--by', 'ada@lab', '--key', key.path];
