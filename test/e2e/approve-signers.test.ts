import { rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { commitAll, edit, runIds, temporaryFolder, write } from '../support/project.ts';
import { git } from '../support/repositories.ts';
import { SLOW_MS } from '../support/runs.ts';
import { approveSigned as approve, lineOf, newKey, ofAda, signedProject, SIGNERS } from '../support/signing.ts';

/** Whose keys count: those of the commit, or those outside of the project. */

vi.setConfig({ testTimeout: SLOW_MS });

describe('the file of the signers', () => {
  it.each([
    ['in its place', '.autolab/allowed_signers', '.autolab/allowed_signers'],
    ['in the place of its folder', 'keys/deep/as', 'keys'],
    ['in the place of its folder, named from elsewhere', '../PROJECT/keys/deep/as', 'keys'],
    ['to it in the project', '.autolab/allowed_signers', '.autolab/allowed_signers', 'docs/signers'],
  ])("signers in the project behind a link %s are nobody's, at the gate, too", async (_, named, place, to = '') => {
    const [key, evil] = [newKey(), newKey()];
    const root = signedProject('');
    const name = named.replace('PROJECT', basename(root));
    const file = named.replace('../PROJECT/', '');
    write(root, file, lineOf('ada@lab', key));
    write(root, 'docs/signers', lineOf('ada@lab', key));
    edit(root, '.autolab/launch.yaml', (text) => text.replace(SIGNERS, name));
    commitAll(root);
    expect((await approve(root, ofAda(key))).status).toBe(0);

    const folder = temporaryFolder();
    for (const at of ['as', 'deep/as']) write(folder, at, lineOf('eve@lab', evil));
    rmSync(join(root, place), { recursive: true });
    symlinkSync(
      to !== '' ? join(root, to) : place.endsWith('signers') ? join(folder, 'as') : folder,
      join(root, place),
    );
    const launched = await autolabJson(root, ['launch']);
    // A link outside of .autolab is changed code, too.
    const refused = place === 'keys' ? ['review.stale', 'implementation_review'] : ['review.signers', 'launch'];
    expect([launched.json['code'], launched.json['stage_after']]).toEqual(refused);
    const ended = await approve(root, ['--by', 'eve@lab', '--key', evil.path]);
    expect([ended.status, ended.json['code']], ended.stdout).toEqual([10, 'review.signers']);
    expect(ended.json['hint']).toContain(`git checkout HEAD -- ${place}`);
    expect(runIds(root)).toEqual([]);
  });

  it("neither a repository of its folder nor a filter makes the signers another commit's", async () => {
    const [key, evil] = [newKey(), newKey()];
    const root = signedProject(lineOf('ada@lab', key));
    write(root, SIGNERS, lineOf('ada@lab', evil));
    const folder = join(root, '.autolab');
    git(folder, 'init', '--quiet');
    commitAll(folder);
    expect((await approve(root, ofAda(evil))).json['code']).toBe('review.signers');
    rmSync(join(folder, '.git'), { recursive: true });
    git(root, 'config', 'filter.f.clean', `git show HEAD:${SIGNERS}`);
    write(root, '.git/info/attributes', `${SIGNERS} filter=f\n`);
    expect((await approve(root, ofAda(evil))).json['code']).toBe('review.signers');
  });

  it('signers outside of the project may be behind links, and those with other line ends are the same', async () => {
    const key = newKey();
    const folder = temporaryFolder();
    write(folder, 'signers', lineOf('ada@lab', key));
    symlinkSync('signers', join(folder, 'link'));
    const outside = signedProject('', `{signers: ${join(folder, 'link')}}`);
    expect((await approve(outside, ofAda(key))).status).toBe(0);
    const inside = signedProject(lineOf('ada@lab', key));
    edit(inside, SIGNERS, (text) => text.replaceAll('\n', '\r\n'));
    expect((await approve(inside, ofAda(key))).status).toBe(0);
  });
});
