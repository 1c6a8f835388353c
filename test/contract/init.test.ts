import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { expectNoStackTrace, withoutPrivileges } from '../support/contract.ts';
import { read, readJson, temporaryFolder, treeDigest, write } from '../support/project.ts';

describe('autolab init', () => {
  it('makes a project in which the other commands work at once', async () => {
    const root = join(temporaryFolder(), 'my project');

    const made = await autolabJson('/', ['init', root]);

    expect(made).toMatchObject({ status: 0, json: { command: 'init', outcome: 'ok' } });
    const created = made.json['created'] as string[];
    expect(created).toEqual(
      expect.arrayContaining([
        '.autolab/state.json',
        '.autolab/backlog.yaml',
        '.autolab/launch.yaml',
        '.autolab/experiment_file_line_limits.yaml',
        '.autolab/prompts/stage_launch.md',
        'docs/environment.md',
        'docs/slurm_job_list.md',
      ]),
    );
    for (const file of created) expect(existsSync(join(root, file)), file).toBe(true);
    const status = await autolabJson(root, ['status']);
    expect(status).toMatchObject({ status: 0, json: { code: 'run.none_active', stage_before: 'hypothesis' } });
    const launched = await autolabJson(root, ['launch']);
    expect(launched).toMatchObject({ status: 12, json: { outcome: 'refused' } });
  });

  it('makes an example that is approved and ready to be launched', async () => {
    const root = temporaryFolder();

    const made = await autolab(root, ['init', '--example', 'local']);

    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toContain('autolab launch');
    expect(readJson(root, '.autolab/state.json')).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    const dry = await autolabJson(root, ['launch', '--dry-run']);
    expect(dry).toMatchObject({ status: 0, json: { code: 'ok', host_mode: 'local', problems: [] } });
  });

  it('never overwrites what is there', async () => {
    const root = temporaryFolder();
    const mine = {
      'docs/environment.md': '# mine\n',
      '.gitignore': 'mine\n',
      'docs/slurm_job_list.md': '# mine, too\n',
    };
    for (const [path, text] of Object.entries(mine)) write(root, path, text);

    const made = await autolabJson(root, ['init', '--example', 'local']);

    expect(made.status).toBe(0);
    for (const [path, text] of Object.entries(mine)) {
      const now = read(root, path);
      expect(path === '.gitignore' ? now.slice(0, text.length) : now).toBe(text);
      expect(made.json['created']).not.toContain(path);
    }
  });

  it('refuses a folder that is a project already, and leaves it as it is', async () => {
    const root = temporaryFolder();
    await autolab(root, ['init']);
    const before = treeDigest(root);

    const again = await autolabJson(root, ['init', '--example', 'local']);

    expect(again).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'init.exists' } });
    expect(treeDigest(root)).toBe(before);
  });

  it('does not write through a link that leads out', async () => {
    const [root, outside] = [temporaryFolder(), temporaryFolder()];
    symlinkSync(outside, join(root, 'docs'));

    const made = await autolabJson(root, ['init']);

    expect(made).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
    expect(existsSync(join(outside, 'environment.md'))).toBe(false);
    expect(existsSync(join(root, '.autolab'))).toBe(false);
  });

  it('says so where it may not write', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'closed'));
    chmodSync(join(root, 'closed'), 0o555);

    const made = await startProgram(
      [...withoutPrivileges(), process.execPath, PROGRAM, 'init', '--json'],
      join(root, 'closed'),
    ).ended;

    expectNoStackTrace(made);
    expect(made.status).toBe(12);
    expect(parseJson(made)).toMatchObject({ outcome: 'refused', code: 'project.read_only' });
  });

  it('takes no example that it does not have', async () => {
    const root = temporaryFolder();

    const made = await autolab(root, ['init', '--example', 'nope']);

    expect(made.status).toBe(2);
    expect(made.stderr).toContain('nope');
    expect(existsSync(join(root, '.autolab'))).toBe(false);
  });
});

describe('finding the project', () => {
  it('takes the nearest parent that has one, or the folder that -C names', async () => {
    const root = temporaryFolder();
    await autolab(root, ['init']);
    const inside = join(root, 'experiments');

    const [fromInside, fromElsewhere] = await Promise.all([
      autolabJson(inside, ['status']),
      autolabJson('/', ['-C', inside, 'status']),
    ]);

    expect(fromInside).toMatchObject({ status: 0, json: { iteration_id: 'iter1' } });
    expect(fromElsewhere.json).toEqual(fromInside.json);
  });

  it('names the folder where there is none', async () => {
    const nowhere = temporaryFolder();

    const ended = await autolabJson(nowhere, ['launch']);

    expect(ended).toMatchObject({ status: 12, json: { code: 'project.not_found' } });
    expect(ended.json['message']).toContain(nowhere);
  });
});
