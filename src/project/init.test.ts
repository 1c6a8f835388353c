import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchExperiment } from './backlog.ts';
import { initProject } from './init.ts';
import { renderPrompt } from './prompt.ts';
import { readGuardDocuments, readProject } from './read.ts';
import { reviewVerdict } from './review.ts';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'autolab-init-'));
}

function made(root: string, example: 'local' | 'sweep' | null): readonly string[] {
  const result = initProject(root, { example });
  if (!result.ok) throw new Error(result.failure.message);
  return result.value.created;
}

function failedCode(root: string, example: 'local' | null = null): string {
  const result = initProject(root, { example });
  return result.ok ? 'ok' : result.failure.code;
}

describe('initProject', () => {
  it('makes a project that is sound and at the stage hypothesis', () => {
    const root = join(folder(), 'new/deep');
    const created = made(root, null);
    expect([...created].sort()).toEqual([
      '.autolab/backlog.yaml',
      '.autolab/experiment_file_line_limits.yaml',
      '.autolab/launch.yaml',
      '.autolab/prompts/stage_launch.md',
      '.autolab/state.json',
      '.gitignore',
      'AGENTS.md',
      'docs/environment.md',
      'docs/slurm_job_list.md',
      'experiments/.gitkeep',
    ]);
    for (const path of created) expect(existsSync(join(root, path))).toBe(true);
    const guard = readGuardDocuments(root);
    expect(guard.ok && guard.value.state.stage).toBe('hypothesis');
    expect(guard.ok && guard.value.problems).toEqual([]);
    const read = guard.ok ? readProject(root, guard.value.state) : null;
    expect(read?.failedCodes).toEqual(['design.invalid', 'review.missing']);
    expect(read?.problems.map(({ code }) => code)).toEqual(['file.missing', 'file.missing']);
  });

  it('makes an example that every check lets pass', () => {
    const root = folder();
    made(root, 'local');
    const guard = readGuardDocuments(root);
    if (!guard.ok) throw new Error(guard.failure.message);
    const { state, backlog } = guard.value;
    expect(state.stage).toBe('launch');
    expect(matchExperiment(backlog, state)).toMatchObject({ kind: 'one', experiment: { id: 'e1', status: 'open' } });
    const read = readProject(root, state);
    expect(read.problems).toEqual([]);
    expect(read.failedCodes).toEqual([]);
    expect(read.review && reviewVerdict(read.review)).toEqual([]);
    expect(read.config.host_mode).toBe('auto');
    expect(read.design?.entrypoint).toMatchObject({ kind: 'command' });
    expect(read.environment?.any?.text).toBe('# nothing to activate\n');
  });

  it('makes an example of many tasks that every check lets pass', () => {
    const root = folder();
    made(root, 'sweep');
    const guard = readGuardDocuments(root);
    if (!guard.ok) throw new Error(guard.failure.message);
    const read = readProject(root, guard.value.state);
    expect(read.problems).toEqual([]);
    expect(read.failedCodes).toEqual([]);
    expect(read.design?.tasks?.source).toEqual({
      kind: 'grid',
      axes: [
        { name: 'lr', values: ['0.3', '0.1', '0.01', '0.001'] },
        { name: 'seed', values: ['0', '1', '2'] },
      ],
    });
  });

  it('ships an example that learns: more than always naming the commonest species', { timeout: 60_000 }, () => {
    const root = folder();
    made(root, 'local');
    const out = folder();
    const log = execFileSync('node', ['experiments/iter1/train.mjs', '--out', out, '--epochs', '20'], {
      cwd: root,
      encoding: 'utf8',
    });
    const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as {
      accuracy: number;
      baseline_majority: number;
      rows: number;
    };
    expect(metrics.rows).toBe(342);
    expect(metrics.accuracy).toBeGreaterThan(metrics.baseline_majority + 0.3);
    expect(log).toMatch(/^fold 1\/5 epoch 5\/20 loss /m);
    expect(readdirSync(out).sort()).toEqual(['checkpoint.json', 'metrics.json', 'metrics.jsonl']);
    expect(readFileSync(join(root, 'experiments/iter1/train.mjs'), 'utf8').split('\n').length).toBeLessThanOrEqual(103);
  });

  it('ships a prompt template that renders, with every placeholder in it', () => {
    const root = folder();
    made(root, null);
    const template = readFileSync(join(root, '.autolab/prompts/stage_launch.md'), 'utf8');
    const values = { iteration_id: 'iter1', run_id: 'r1', launch_mode: 'local', stage_context: 'CONTEXT' };
    for (const name of Object.keys(values)) expect(template).toContain(`{{${name}}}`);
    const { value, problems } = renderPrompt(template, 'p', values);
    expect(problems).toEqual([]);
    expect(value).toContain('CONTEXT');
    expect(value).not.toMatch(/\{\{|\}\}|<RUN_ID>|<ITERATION_ID>/);
  });

  it('overwrites nothing, and appends to a .gitignore', () => {
    const root = folder();
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'docs/environment.md'), 'mine');
    writeFileSync(join(root, '.gitignore'), 'mine');
    const created = made(root, null);
    expect(created).not.toContain('docs/environment.md');
    expect(created).not.toContain('.gitignore');
    expect(readFileSync(join(root, 'docs/environment.md'), 'utf8')).toBe('mine');
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toMatch(/^mine\n\n# autolab: begin\n.*# autolab: end\n$/s);
  });

  it('refuses where there is something in the way, and writes nothing', () => {
    const root = folder();
    made(root, null);
    const again = initProject(root, { example: null });
    expect(!again.ok && again.failure.message).toContain('.autolab');
    const example = folder();
    mkdirSync(join(example, 'experiments/iter1'), { recursive: true });
    expect(failedCode(example, 'local')).toBe('init.exists');
    expect(readdirSync(example)).toEqual(['experiments']);
    const file = folder();
    writeFileSync(join(file, 'docs'), '');
    expect(failedCode(file)).toBe('init.exists');
    writeFileSync(join(file, 'root'), '');
    expect(failedCode(join(file, 'root'))).toBe('init.exists');
  });

  it('does not follow a link out of the project (R10)', () => {
    const root = folder();
    const outside = folder();
    symlinkSync(outside, join(root, 'docs'));
    expect(failedCode(root)).toBe('path.escapes');
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(root)).toEqual(['docs']);
  });
});
