import { findCode, type FoundCode, GIT_MISSING } from '../code/find.ts';
import { git } from '../code/git.ts';
import { DEFAULT_CODE_SCOPE } from '../code/scope.ts';
import { run } from '../platform/process.ts';
import { readLaunchConfig } from '../project/read-launch-config.ts';
import type { Check } from '../run/check.ts';

/** Whether git can say what the code of a run is: at any stage, so that a launch does not have to. */
export async function checkRepository(root: string): Promise<readonly Check[]> {
  const found = await findCode(root, readLaunchConfig(root)?.code ?? DEFAULT_CODE_SCOPE);
  const check = (status: Check['status'], words: string, mend: string | null): Check => ({
    name: 'repository',
    status,
    found: words,
    mend,
  });
  switch (found.kind) {
    case 'none':
      // The check of the program says it.
      if (found.reason === GIT_MISSING) return [];
      return [check('warn', `no code is recorded: ${found.reason}`, 'Make the project a git repository: git init')];
    case 'failed':
      return [check('fail', `git does not answer in ${found.folder}: ${found.words}`, found.hint)];
    case 'unfit':
      return [check('fail', found.message, found.hint)];
    case 'git':
      return [check('ok', describe(found), null), ...(await checkLfs(found))];
  }
}

function describe({ base, names, repositories }: FoundCode): string {
  const inner = repositories.length - 1;
  return `${base}: ${names.length} files${inner === 0 ? '' : `, ${inner} repositories within`}`;
}

/** Files of LFS without git-lfs are pointers, and the next edit of one makes git fail. */
async function checkLfs({ base }: FoundCode): Promise<readonly Check[]> {
  const kept = await git(base, ['ls-files', '-z', '--', ':(top,attr:filter=lfs)']);
  const [first = ''] = kept.stdout.split('\0');
  if (kept.exitCode !== 0 || first === '') return [];
  const version = await run(['git', 'lfs', 'version'], { timeoutMs: 10_000 });
  if (version.exitCode === 0) return [];
  const found = `${first} is kept by git LFS, and git-lfs is not installed`;
  return [{ name: 'git-lfs', status: 'warn', found, mend: 'Install git-lfs, then: git lfs install && git lfs pull' }];
}
