import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { expectNoStackTrace, withoutPrivileges } from '../support/contract.ts';
import { edit, read, readJson, temporaryFolder, treeDigest, write } from '../support/project.ts';

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
        'AGENTS.md',
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
      'AGENTS.md': '# rules of this repository\n',
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

  it('says that a project in the home folder has every folder below', async () => {
    const home = temporaryFolder();

    const made = await autolabJson(home, ['init'], { env: { HOME: home } });
    const inside = await autolabJson(home, ['init', 'sub'], { env: { HOME: home } });

    expect([made.status, inside.status]).toEqual([0, 0]);
    expect(made.json['message']).toContain('your home folder: every folder below is in this project');
    expect(inside.json['message']).not.toContain('every folder');
    expect(read(home, '.gitignore')).toContain('.autolab/notifications/');
  });

  it('refuses a folder that is a project already, and leaves it as it is', async () => {
    const root = temporaryFolder();
    await autolab(root, ['init']);
    const before = treeDigest(root);

    const again = await autolabJson(root, ['init', '--example', 'local']);

    expect(again).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'init.exists' } });
    expect(again.json['hint']).toBe('There is a project here already: autolab next');
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

describe('autolab init --with-scripts', () => {
  const SCRIPT = 'scripts/slurm_job_list.py';
  const LINE = '- 2026-11-24 | job_id=7 | iteration_id=iter1 | run_id=r1 | status=submitted\n';
  const fields = {
    run_id: 'r1',
    iteration_id: 'iter1',
    host_mode: 'slurm',
    job_id: '7',
    started_at: '2026-11-24T01:00:00Z',
  };
  /** The call of the workflow that the stage comes from, word for word. */
  const CALL = `./venv/bin/python ${SCRIPT} append --manifest experiments/iter1/runs/r1/run_manifest.json --doc docs/slurm_job_list.md`;

  async function withScript(): Promise<string> {
    const root = temporaryFolder();
    const made = await autolabJson(root, ['init', '--with-scripts']);
    expect(made.json['created'], made.stderr).toContain(SCRIPT);
    mkdirSync(join(root, 'venv/bin'), { recursive: true });
    symlinkSync(
      execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(),
      join(root, 'venv/bin/python'),
    );
    write(root, 'experiments/iter1/runs/r1/run_manifest.json', JSON.stringify(fields));
    return root;
  }

  it('makes a script that keeps the ledger, and passes output and exit status on', async () => {
    const root = await withScript();

    const appended = await startProgram(CALL.split(' '), root).ended;
    const verified = await startProgram(CALL.replace('append', 'verify').split(' '), root).ended;
    const missing = await startProgram(
      [...CALL.split(' ').slice(0, 3), '--manifest', 'none.json', '--doc', 'd', '--json'],
      root,
    ).ended;
    const wrong = await startProgram(['./' + SCRIPT, 'remove'], root).ended;

    expect([appended.status, appended.stderr]).toEqual([0, '']);
    expect(appended.stdout).toContain('r1 was added');
    expect(read(root, 'docs/slurm_job_list.md').endsWith(LINE)).toBe(true);
    expect(verified.status).toBe(0);
    expect([missing.status, parseJson(missing)['code']]).toEqual([10, 'ledger.invalid']);
    expect(wrong.status).toBe(2);
  });

  it('is found in the project first, and says where it was looked for if it is nowhere', async () => {
    const root = await withScript();
    edit(root, SCRIPT, (text) => text.replace(/^MADE_BY = .*$/m, 'MADE_BY = ["/nowhere/node", "/nowhere/autolab.js"]'));

    const lost = await startProgram(CALL.split(' '), root, { env: { PATH: '/nowhere' } }).ended;
    write(root, 'node_modules/.bin/autolab', '#!/bin/sh\necho "own $*"\nexit 7\n');
    chmodSync(join(root, 'node_modules/.bin/autolab'), 0o755);
    const own = await startProgram(CALL.split(' '), root).ended;

    expect(lost.status).toBe(127);
    expect(lost.stderr).toMatch(/autolab was not found: .*node_modules.*\/nowhere\/autolab\.js.*PATH/);
    expect([own.status, own.stdout]).toEqual([7, `own slurm-job-list ${CALL.split(' ').slice(2).join(' ')}\n`]);
  });

  it('adds only the script to a project that is there, and never overwrites it', async () => {
    const root = temporaryFolder();
    write(root, '.autolab/state.json', '{}');

    const added = await autolabJson(root, ['init', '--with-scripts']);
    write(root, SCRIPT, '# mine\n');
    const again = await autolabJson(root, ['init', '--with-scripts']);
    const example = await autolabJson(root, ['init', '--with-scripts', '--example', 'local']);

    expect(added).toMatchObject({ status: 0, json: { created: [SCRIPT], extended: [] } });
    expect(again).toMatchObject({ status: 0, json: { created: [] } });
    expect(read(root, SCRIPT)).toBe('# mine\n');
    expect(readdirSync(root).sort()).toEqual(['.autolab', 'scripts']);
    expect(example.json['code']).toBe('init.exists');
  });

  it('makes a script that old versions of Python understand', async () => {
    const root = await withScript();
    const check = 'import ast,sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 6))';

    expect(execFileSync('python3', ['-c', check, SCRIPT], { cwd: root, encoding: 'utf8' })).toBe('');
  });
});
