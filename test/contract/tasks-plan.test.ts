import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { approveDocuments, reviewable } from '../support/approval.ts';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, makeProject, temporaryFolder, write } from '../support/project.ts';

/** The tasks of a design, before anything is claimed. */

const DESIGN = 'experiments/iter1/design.yaml';
const FILE = 'experiments/iter1/tasks.csv';
const GRID = 'tasks:\n  grid: {seed: [0, 1, 2], lr: ["0.1", "$(touch x)"]}\n  max_parallel: 4\n  max_failures: 2\n';
const COMMAND = ['bash', 'main.sh', '{{task.seed}}', '--lr={{task.lr}}', '{{task.index}}', '{{task_dir}}'];

function projectWith(tasks: string, command: readonly string[] = COMMAND): string {
  const root = makeProject({ command, compute: { time: '"00:30:00"', cpus: 4 } });
  edit(root, DESIGN, (text) => `${text}${tasks}`);
  return root;
}

async function planOf(root: string) {
  const { json } = await call(root, ['launch', '--dry-run', '--run-id', 'r1']);
  expect(json).toMatchObject({ outcome: 'ok' });
  return json['plan'] as Record<string, unknown>;
}

describe('launch --dry-run of many tasks', () => {
  it('shows their number, and the first and last command with the values filled in', async () => {
    const root = projectWith(GRID);
    const { json } = await callWithoutTrace(root, ['launch', '--dry-run', '--run-id', 'r1']);
    const folder = join(root, 'experiments/iter1/runs/r1/tasks');
    expect(json['plan']).toMatchObject({
      command: "bash main.sh '{{task.seed}}' '--lr={{task.lr}}' '{{task.index}}' '{{task_dir}}'",
      tasks: {
        count: 6,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        parameters: [
          { name: 'seed', values: 3, min: '0', max: '2' },
          { name: 'lr', values: 2, min: null, max: null },
        ],
        first_command: `bash main.sh 0 --lr=0.1 0 ${folder}/0`,
        last_command: `bash main.sh 2 '--lr=$(touch x)' 5 ${folder}/5`,
        max_parallel: 4,
        max_failures: 2,
        workers: null,
        time_seconds: null,
        chunks: null,
        total: {
          requests: 6,
          at_once: 4,
          cpus: 24,
          gpus: 0,
          time_seconds: 10_800,
          cpu_seconds: 43_200,
          gpu_seconds: 0,
        },
      },
    });

    const { stdout } = await autolab(root, ['launch', '--dry-run']);

    expect(stdout).toContain(
      'tasks: 6: seed (3 values, 0 to 2), lr (2 values); 4 at the same time; no more start after 2 failures\n',
    );
    expect(stdout).toContain('first: bash main.sh 0 --lr=0.1 0 ');
    expect(stdout).toContain("last: bash main.sh 2 '--lr=$(touch x)' 5 ");
    expect(stdout).toContain('at most: 12 CPU hours: 6 tasks of 4 CPUs, up to 30 min each\n');
  });

  it('is the same list, however it is written', async () => {
    const rows = ['0', '1'].flatMap((seed) => ['1e-1', '0.01'].map((lr) => [seed, lr]));
    const root = projectWith('tasks: {grid: {seed: [0, 1], lr: [1e-1, 0.01]}}\n');
    const grid = await planOf(root);
    const texts = {
      list: `tasks: {list: [${rows.map(([seed, lr]) => `{seed: ${seed ?? ''}, lr: ${lr ?? ''}}`).join(', ')}]}\n`,
      csv: 'tasks: {file: experiments/iter1/tasks.csv}\n',
      tsv: 'tasks: {file: experiments/iter1/tasks.tsv}\n',
      jsonl: 'tasks: {file: experiments/iter1/tasks.jsonl}\n',
    };
    write(root, FILE, `\uFEFFseed,lr\r\n${rows.map((row) => `${row.join(',')}\r\n`).join('')}`);
    write(root, 'experiments/iter1/tasks.tsv', `seed\tlr\n${rows.map((row) => row.join('\t')).join('\n')}`);
    write(
      root,
      'experiments/iter1/tasks.jsonl',
      rows.map(([seed, lr]) => `{"seed": ${seed ?? ''}, "lr": ${lr ?? ''}}\n`).join(''),
    );
    for (const text of Object.values(texts)) {
      edit(root, DESIGN, (design) => design.replace(/^tasks: .*\n/m, text));
      expect((await planOf(root))['tasks']).toEqual(grid['tasks']);
    }
  }, 60_000);

  it('leaves a design without tasks as it was', async () => {
    const plan = await planOf(makeProject());
    expect(plan).not.toHaveProperty('tasks');
  });
});

describe('the prompt and the scripts of many tasks', () => {
  it('are rendered with the tasks', async () => {
    const root = projectWith(GRID);
    const { json } = await call(root, ['render', '--stdout', '--run-id', 'r1']);
    expect(json['plan']).toMatchObject({ tasks: { count: 6 } });
    expect(json['context']).toMatchObject({ tasks: { count: 6, parameters: [{ name: 'seed' }, { name: 'lr' }] } });
    expect(json['prompt']).toContain('- tasks of the run: 6, of seed (3 values), lr (2 values)\n');
  });

  it('are checked with the tasks', async () => {
    const root = projectWith(GRID);
    const file = 'experiments/iter1/launch/run_local.sh';
    const { stdout: prologue } = await autolab(root, ['lint-script', '--prologue', 'tasks']);
    const script = (last: string): string =>
      `#!/usr/bin/env bash\nset -euo pipefail\n${prologue}autolab_task() {\n  autolab_run bash main.sh "$autolab_task_seed" --lr="$autolab_task_lr" "$AUTOLAB_TASK_INDEX" "$AUTOLAB_TASK_DIR"\n}\n${last}`;
    write(root, file, script('autolab_tasks\n'));
    expect(await call(root, ['lint-script', file])).toMatchObject({ status: 0 });
    write(root, file, script(''));
    for (const words of [
      ['lint-script', file],
      ['launch', '--dry-run'],
    ]) {
      const { json } = await call(root, words);
      expect(json['problems']).toMatchObject([{ file, line: 12, column: 2, code: 'script.invalid' }]);
      expect(json['message']).toBeTypeOf('string');
    }
  }, 60_000);
});

describe('a file of tasks', () => {
  const refusal = async (root: string): Promise<unknown> => {
    const { status, json } = await callWithoutTrace(root, ['launch', '--dry-run']);
    expect({ status, code: json['code'] }).toEqual({ status: 10, code: 'design.invalid' });
    return (json['problems'] as Record<string, unknown>[]).map(({ file, line, column, code }) =>
      [file, line, column, code].join(':'),
    );
  };

  it('has its problems at their places in that file, and is told with all others', async () => {
    const root = projectWith(`tasks: {file: ${FILE}, max_parallel: none}\n`, ['bash', '{{task.seed}}', '{{task.sed}}']);
    write(root, FILE, 'seed,lr\n0,"a\n1,b\n');
    expect(await refusal(root)).toEqual([`${DESIGN}:13:58:value.type`, `${FILE}:2:3:file.syntax`]);
    write(root, FILE, 'seed,lr\n0,1,2\n1\n');
    expect(await refusal(root)).toEqual([
      `${DESIGN}:13:58:value.type`,
      `${FILE}:2:1:value.conflict`,
      `${FILE}:3:1:value.conflict`,
    ]);
    const { json } = await call(root, ['launch', '--dry-run']);
    expect(json['message']).toContain(`${DESIGN}:13:58`);
  });

  it('names the parameters of the entrypoint', async () => {
    const root = projectWith(`tasks: {file: ${FILE}}\n`, ['bash', '{{task.seed}}', '{{task.sed}}']);
    write(root, FILE, 'seed,lr\n0,1\n');
    expect(await refusal(root)).toEqual([`${DESIGN}:5:36:placeholder.unknown`, `${DESIGN}:13:15:value.not_used`]);
  });

  it('is a text file in the project', async () => {
    const root = projectWith(`tasks: {file: ${FILE}}\n`);
    const place = join(root, FILE);
    const outside = join(temporaryFolder(), 'tasks.csv');
    writeFileSync(outside, 'seed,lr\n0,1\n');
    const cases: readonly (readonly [() => void, string])[] = [
      [() => undefined, `${DESIGN}:13:15:file.missing`],
      [
        () => {
          mkdirSync(place);
        },
        `${DESIGN}:13:15:file.not_a_file`,
      ],
      [() => execFileSync('mkfifo', [place]), `${DESIGN}:13:15:file.not_a_file`],
      [
        () => {
          symlinkSync(outside, place);
        },
        `${DESIGN}:13:15:path.escapes`,
      ],
      [
        () => {
          writeFileSync(place, '');
        },
        `${FILE}:::file.empty`,
      ],
      [
        () => {
          writeFileSync(place, Buffer.from('seed,lr\n0,\xff\n', 'latin1'));
        },
        `${FILE}:::file.binary`,
      ],
      [
        () => {
          writeFileSync(place, 'seed,lr\n0,\0\n');
        },
        `${FILE}:::file.binary`,
      ],
      [
        () => {
          writeFileSync(place, `seed,lr\n0,${'x'.repeat(65 * 1024 * 1024)}\n`);
        },
        `${FILE}:::file.too_large`,
      ],
    ];
    for (const [make, wanted] of cases) {
      make();
      expect(await refusal(root)).toEqual([wanted]);
      rmSync(place, { recursive: true, force: true });
    }
  }, 120_000);
});

describe('the stage of the design', () => {
  it('has errors in the file of the tasks', async () => {
    const root = projectWith(`tasks: {file: ${FILE}}\n`);
    edit(root, '.autolab/state.json', (text) => text.replace('"launch"', '"design"'));
    write(root, FILE, 'seed,lr\n0\n');
    const { status, json } = await call(root, ['advance']);
    expect({ status, problems: json['problems'] }).toMatchObject({ status: 10, problems: [{ file: FILE, line: 2 }] });
  });
});

describe('the approval of many tasks', () => {
  it('is written by approve, which shows them first', async () => {
    const root = reviewable({ command: COMMAND, compute: { time: '"00:30:00"', cpus: 4 } });
    edit(root, DESIGN, (text) => `${text}${GRID}`);

    const approved = await call(root, ['approve', '--by', 'rev', '--yes']);

    expect(approved).toMatchObject({ status: 0, json: { code: 'review.approved' } });
    const tasks = approved.json['tasks'] as Record<string, unknown>;
    expect(tasks).toMatchObject({ count: 6, max_parallel: 4, total: { cpus: 24, cpu_seconds: 43_200 } });
    expect(tasks['first_command']).toMatch(/^bash main\.sh 0 --lr=0\.1 0 \//);
    const plan = await planOf(root);
    expect(plan['tasks']).toMatchObject({ sha256: tasks['sha256'] });
    expect(approved.json['approved']).toMatchObject({ tasks: tasks['sha256'] });
    expect(plan['approved_digest']).toBe(approved.json['approved_digest']);
    const next = await call(root, ['next']);
    expect(next.json['approved_digest']).toBe(approved.json['approved_digest']);

    const { stderr } = await autolab(root, ['approve', '--by', 'rev', '--yes']);

    expect(stderr).toMatch(/^ {2}tasks +6: seed \(3 values, 0 to 2\), lr \(2 values\); 4 at the same time; /m);
    expect(stderr).toMatch(/^ {2}command +bash main\.sh '\{\{task\.seed\}\}' /m);
    expect(stderr).toMatch(/^ {2}first +bash main\.sh 0 --lr=0\.1 0 /m);
    expect(stderr).toMatch(/^ {2}at most +12 CPU hours: 6 tasks of 4 CPUs, up to 30 min each$/m);
  }, 60_000);

  it('covers their list', async () => {
    const root = projectWith(`tasks: {file: ${FILE}}\n`);
    write(root, FILE, 'seed,lr\n0,1\n');
    const { tasks } = (await planOf(root)) as { tasks: { sha256: string } };
    approveDocuments(root);
    edit(root, 'experiments/iter1/review_result.json', (text) => {
      const review = JSON.parse(text) as { approved: object };
      return JSON.stringify({ ...review, approved: { ...review.approved, tasks: tasks.sha256 } });
    });
    await planOf(root);
    write(root, FILE, 'seed,lr\n0,1\n1,1\n');

    const { status, json } = await call(root, ['launch', '--dry-run']);

    expect({ status, code: json['code'] }).toEqual({ status: 10, code: 'review.stale' });
    expect(json['message']).toContain('the list of tasks changed since');
    const next = await call(root, ['next']);
    expect(next.json['problems']).toMatchObject([{ file: FILE, code: 'review.stale' }]);
    expect(next.json['next_command']).toBe('autolab approve --by WHO');
  });
});
