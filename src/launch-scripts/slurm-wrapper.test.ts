import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/project.ts';
import {
  bashScript,
  fakeCommand,
  fakePath,
  makeNode,
  MARK_SCRIPT,
  type Node,
  ranJobs,
  signalledAsItWaits,
} from '../../test/support/slurm-scripts.ts';
import { parseUsage } from '../records/usage-series.ts';
import { sampleScript } from './sample-script.ts';
import { SLURM_WRAPPER } from './slurm-wrapper.ts';

/** `autolab_run` as bash runs it, with the variables of a batch step. */

const begun = (node: Node): Promise<void> => until('the entrypoint begins', () => existsSync(join(node.runDir, 'ran')));
const BEGIN = 'touch "$AUTOLAB_RUN_DIR/ran"';

describe('autolab_run', () => {
  it('writes down that the entrypoint began and how it ended', async () => {
    const node = makeNode();

    await node.run(bashScript('exit 3'));

    expect(node.json('entrypoint.json')).toMatchObject({
      job_id: '7',
      restart_count: 0,
      node: 'n1',
      exit_code: 3,
      starts: { expected: 1, begun: 1 },
      signals: [],
    });
    expect(node.receipts()).toContain('start.0.0');
    expect(node.receipts().filter((name) => /\.(?:pid|code)$/.test(name))).toEqual([]);
  });

  it.each([
    ['[ -d /nowhere ] || exit 0\n', 0, null],
    ['true\nfalse\n', 1, 'false'],
    ['fail() {\n  return 4\n}\nfail\n', 4, 'fail'],
    ['set +e\nfalse\nset -e\nexit 5\n', 5, null],
  ])('is not reached: %j', async (activation, status, line) => {
    const node = makeNode();
    const script = bashScript(BEGIN, activation);

    expect((await node.run(script)).status).toBe(status);

    const left = node.json('left.json') as { exit_code: number; line: number | null };
    expect(left.exit_code).toBe(status);
    expect(left.line === null ? null : script.split('\n')[left.line - 1]).toBe(line);
    expect(node.receipts()).not.toContain('entrypoint.json');
    expect(existsSync(join(node.runDir, 'ran'))).toBe(false);
  });

  it('starts one command, and once', async () => {
    const node = makeNode();
    const twice = `${MARK_SCRIPT}${MARK_SCRIPT.trimEnd().split('\n').at(-1) ?? ''}\n`;

    const ended = await node.run(twice);

    expect(ended.status).toBe(98);
    expect(ended.stderr).toContain('autolab_run starts one command');
    expect(ranJobs(node)).toEqual(['7']);
  });

  it('gives the entrypoint its stdin, BASH_ENV and signals as they were', async () => {
    const node = makeNode();
    const script = bashScript('cat; echo "$BASH_ENV"; grep SigIgn /proc/self/status').replace(
      /^autolab_run .*$/m,
      (line) => `echo in > "$AUTOLAB_RUN_DIR/in"\n${line} < "$AUTOLAB_RUN_DIR/in"`,
    );

    const ended = await node.run(script, { BASH_ENV: '/dev/null' });

    expect(ended.stdout).toBe('in\n/dev/null\nSigIgn:\t0000000000000000\n');
  });

  it.each(['USR1', 'USR2'] as const)('passes SIG%s on once, and the status is the entrypoint’s own', async (signal) => {
    const node = makeNode();
    const handler = `trap 'echo got >> "$AUTOLAB_RUN_DIR/got"; exit 0' ${signal}; ${BEGIN}; while :; do sleep 0.05; done`;
    const job = node.start(bashScript(handler));
    await begun(node);

    // To the script only.
    process.kill(job.pid, `SIG${signal}`);

    expect(await job.ended).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(node.runDir, 'got'), 'utf8')).toBe('got\n');
    expect(node.json('entrypoint.json')).toMatchObject({ exit_code: 0, signals: [{ signal: `SIG${signal}` }] });
  });

  it('passes nothing on that all processes were sent', async () => {
    const node = makeNode();
    const got = 'until [ -e "$AUTOLAB_RUN_DIR/got" ]; do sleep 0.05; done; for i in $(seq 20); do sleep 0.05; done';
    const handler = `trap 'echo got >> "$AUTOLAB_RUN_DIR/got"' USR1; ${BEGIN}; ${got}`;
    const job = node.start(bashScript(`${handler}; exit 6`));
    await begun(node);

    process.kill(-job.pid, 'SIGUSR1');

    expect((await job.ended).status).toBe(6);
    expect(readFileSync(join(node.runDir, 'got'), 'utf8')).toBe('got\n');
  });

  it('knows the status of an entrypoint that ends at the moment of a signal', async () => {
    for (let round = 0; round < 5; round += 1) {
      const node = makeNode();
      const job = node.start(bashScript(`trap 'exit 0' USR1; ${BEGIN}; while :; do sleep 0.02; done`));
      await begun(node);

      process.kill(-job.pid, 'SIGUSR1');

      expect((await job.ended).status).toBe(0);
    }
  });

  it('passes on a signal that comes together with SIGCONT, as Slurm sends it', async () => {
    const handler = `trap 'echo got >> "$AUTOLAB_RUN_DIR/got"; exit 0' USR1; ${BEGIN}; for i in $(seq 1000); do sleep 0.05; done`;
    const rounds = Array.from({ length: 8 }, async () => {
      const node = makeNode();
      const job = node.start(bashScript(`${handler}; exit 7`));
      await begun(node);

      process.kill(job.pid, 'SIGCONT');
      process.kill(job.pid, 'SIGUSR1');

      expect(await job.ended).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(join(node.runDir, 'got'), 'utf8')).toBe('got\n');
      expect(node.json('entrypoint.json')).toMatchObject({ exit_code: 0, signals: [{ signal: 'SIGUSR1' }] });
    });
    await Promise.all(rounds);
  });

  it('ends with its command if that ends at the moment of a signal, whatever else it has started', async () => {
    const sampler = '[ "$1" = last ] && exit; while kill -0 "$2"; do sleep 0.1; done\n';
    const round = async (): Promise<number | null> => {
      const node = makeNode();
      writeFileSync(join(node.runDir, 'receipt/sample.sh'), sampler);
      const job = node.start(bashScript(`${BEGIN}; exec sleep 60`));
      await begun(node);
      process.kill(-job.pid, 'SIGTERM');
      return (await job.ended).status;
    };
    for (let batch = 0; batch < 12; batch += 1)
      expect(await Promise.all(Array.from({ length: 8 }, round))).toEqual(Array.from({ length: 8 }, () => 143));
  });

  it.each([
    ['TERM', 143, 143, ['SIGTERM']],
    // Nothing says that the command failed.
    ['KILL', null, undefined, undefined],
  ])(
    'takes a SIG%s that comes just after its command was ended by it, as Slurm sends it',
    async (name, status, code, signals) => {
      const node = makeNode();
      signalledAsItWaits(node, name);

      expect((await node.run(bashScript(`kill -${name} $$`), fakePath(node))).status).toBe(status);

      const told = node.json('entrypoint.json') as { exit_code?: number; signals?: { signal: string }[] };
      expect([told.exit_code, told.signals?.map(({ signal }) => signal)]).toEqual([code, signals]);
    },
  );

  it('waits on if bash ends a wait early for a signal that came before it', async () => {
    const node = makeNode();
    // What bash does if a signal comes just after a `wait` returned: the next one ends at once, and no trap runs.
    const early = 'wait() { if [ -z "${early-}" ]; then early=1; return 138; fi; builtin wait "$@"; }\n';

    const ended = await node.run(bashScript('sleep 0.5; touch "$AUTOLAB_RUN_DIR/last"; exit 6', early));

    expect(ended).toMatchObject({ status: 6, stderr: '' });
    expect(existsSync(join(node.runDir, 'last'))).toBe(true);
    expect(node.json('entrypoint.json')).toMatchObject({ exit_code: 6, signals: [] });
  });

  it('counts the tasks that srun starts, and starts none twice', async () => {
    const node = makeNode();
    // Two tasks, and the first one again.
    fakeCommand(
      node,
      'srun',
      'while [ "$1" != -- ]; do shift; done; shift\nfor id in 0 1 0; do SLURM_PROCID=$id SLURM_STEP_ID=0 "$@"; done',
    );
    const script = MARK_SCRIPT.replace(/^autolab_run /m, 'autolab_run srun --ntasks=2 -- ');

    const ended = await node.run(script, { ...fakePath(node), AUTOLAB_TASKS: '2' });

    expect(ended.status).toBe(98);
    expect(ended.stderr).toContain('autolab: task 0 is not started');
    expect(ranJobs(node)).toEqual(['7', '7']);
    expect(node.json('entrypoint.json')).toMatchObject({ starts: { expected: 2, begun: 2 } });
  });

  it.each([
    ['GraceTime=00:00:20', true],
    ['GraceTime=30', true],
    ['GraceTime=0', false],
  ])('makes a step of a single task in a partition that gives a grace: %s', async (grace, isStep) => {
    const node = makeNode();
    fakeCommand(node, 'scontrol', `echo "PartitionName=$3 ${grace} Hidden=NO"`);
    fakeCommand(node, 'srun', 'echo "srun $1 $2 $3 $4 $5" >&2; while [ "$1" != -- ]; do shift; done; shift; exec "$@"');

    const ended = await node.run(MARK_SCRIPT, { ...fakePath(node), SLURM_JOB_PARTITION: 'low' });

    expect(ended).toMatchObject({
      status: 0,
      stderr: isStep ? 'srun --jobid=7 --export=ALL --kill-on-bad-exit=1 --ntasks=1 --\n' : '',
    });
    expect(ranJobs(node)).toEqual(['7']);
  });

  it('starts the step in this job although the activation cleared Slurm’s variables', async () => {
    const node = makeNode();
    fakeCommand(
      node,
      'srun',
      'echo "srun $1 ${SLURM_JOB_ID-none}" >&2; while [ "$1" != -- ]; do shift; done; shift; SLURM_JOB_ID=7 exec "$@"',
    );
    const script = MARK_SCRIPT.replace(/^autolab_run /m, 'unset ${!SLURM_@}\nautolab_run srun --ntasks=1 -- ');

    const ended = await node.run(script, fakePath(node));

    expect(ended).toMatchObject({ status: 0, stderr: 'srun --jobid=7 none\n' });
    expect(node.json('entrypoint.json')).toMatchObject({ starts: { expected: 1, begun: 1 }, exit_code: 0 });
  });

  it('leaves its receipts although the activation set an EXIT trap, and runs that after them', async () => {
    const node = makeNode();
    const trap = `trap 'echo "it'"'"'s clean" > "$AUTOLAB_RUN_DIR/cleaned"; ls "$AUTOLAB_RUN_DIR/receipt" >> "$AUTOLAB_RUN_DIR/cleaned"' EXIT`;
    const script = MARK_SCRIPT.replace(/^autolab_run /m, `${trap}\nautolab_run `);

    expect((await node.run(script, fakePath(node))).status).toBe(0);

    const cleaned = readFileSync(join(node.runDir, 'cleaned'), 'utf8');
    expect(cleaned).toMatch(/^it's clean\n/);
    expect(cleaned).toContain('exit.json');
    expect(node.json('entrypoint.json')).toMatchObject({ starts: { expected: 1, begun: 1 } });
  });

  it.each([
    ['traces itself into stdout', 'BASH_XTRACEFD=1\nset -x\n'],
    ['makes functions called as the programs', 'date() { echo never; }\nmv() { return 1; }\nsleep() { return 1; }\n'],
    [
      'makes variables that cannot be set',
      'readonly srun=a code=b name=c id=d said=e expected=f begun=g look=h kept=i words=j\n',
    ],
    ['splits words elsewhere', 'IFS=0123456789t.\nset -f\n'],
  ])('is the same if the activation %s', async (_, activation) => {
    const node = makeNode();
    const got = `trap 'echo got >> "$AUTOLAB_RUN_DIR/got"; exit 0' USR1; ${BEGIN}; while :; do sleep 0.05; done`;
    const job = node.start(bashScript(got, activation));
    await begun(node);

    process.kill(job.pid, 'SIGUSR1');

    expect((await job.ended).status).toBe(0);
    expect(readFileSync(join(node.runDir, 'got'), 'utf8')).toBe('got\n');
    expect(node.json('entrypoint.json')).toMatchObject({
      exit_code: 0,
      starts: { expected: 1, begun: 1 },
      signals: [{ signal: 'SIGUSR1' }],
    });
    expect(node.json('exit.json')).toMatchObject({ exit_code: 0 });
  });

  it('continues the trace that an activation has begun', async () => {
    const node = makeNode();

    const ended = await node.run(bashScript('exit 3', 'set -x\n'));

    expect(ended.stderr).toMatch(/^\+* ?exec -- /m);
    expect(ended.stderr).not.toContain('autolab_tell');
  });

  it('collects what lies elsewhere at the end of the job', async () => {
    const node = makeNode();
    writeFileSync(
      join(node.receipt, 'collect.sh'),
      'cp "$AUTOLAB_RUN_DIR/elsewhere" "$AUTOLAB_RUN_DIR/here" && echo done\n',
    );

    await node.run(bashScript('echo x > "$AUTOLAB_RUN_DIR/elsewhere"; exit 1'));

    expect(readFileSync(join(node.receipt, 'collected.7.0'), 'utf8')).toBe('done\n');
    expect(existsSync(join(node.runDir, 'here'))).toBe(true);
    expect(node.json('exit.json')).toMatchObject({ exit_code: 1 });
  });
});

describe('the sampler', () => {
  const started = (node: Node): string => join(node.runDir, 'sampled');
  /** A script that never waits for it, and one that waits for all its children. */
  const waiting = (script: string): string => `${script}wait\n`;

  it.each([
    ['samples', sampleScript(60)],
    ['fails at once', 'exit 9\n'],
    ['is no script', ')(\n'],
    ['never ends', `trap '' TERM; while :; do sleep 1 || exit; done\n`],
  ])('has no effect on the script if it %s', async (_, text) => {
    const node = makeNode();
    writeFileSync(join(node.receipt, 'sample.sh'), text);

    const ended = await node.run(waiting(bashScript('exit 0')));

    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(node.json('exit.json')).toMatchObject({ exit_code: 0 });
  });

  it('begins with an empty environment, and is called again at the end, with the status', async () => {
    const node = makeNode();
    const text = 'echo "$1 ${HOME-none} ${BASH_ENV-none} $5" >> "${0%/*}/../sampled"\n';
    writeFileSync(join(node.receipt, 'sample.sh'), text);

    const sampled = 'until [ -s "$AUTOLAB_RUN_DIR/sampled" ]; do sleep 0.05; done';
    await node.run(bashScript(`${sampled}; exit 3`, 'export BASH_ENV=/nowhere CUDA_VISIBLE_DEVICES=0,1\n'));

    expect(readFileSync(started(node), 'utf8')).toBe('loop none none 0,1\nlast none none 3\n');
  });

  it('comes after the receipt if the job was asked to end', async () => {
    const node = makeNode();
    writeFileSync(
      join(node.receipt, 'sample.sh'),
      '[ "$1" != last ] || cat "${0%/*}/exit.json" > "${0%/*}/../sampled"\n',
    );
    const job = node.start(bashScript(`${BEGIN}; sleep 60`));
    await begun(node);

    process.kill(-job.pid, 'SIGTERM');

    expect((await job.ended).status).toBe(143);
    expect(readFileSync(started(node), 'utf8')).toContain('"exit_code":143');
  });

  it('is gone when the script ends, and leaves a series', async () => {
    const node = makeNode();
    writeFileSync(join(node.receipt, 'sample.sh'), sampleScript(60));

    const sampled = 'until [ -s "$AUTOLAB_RUN_DIR/receipt/usage.jsonl" ]; do sleep 0.05; done';
    await node.run(bashScript(`${sampled}; sleep 1.2`));

    const series = parseUsage(readFileSync(join(node.receipt, 'usage.jsonl'), 'utf8'));
    expect(series.bad_lines).toBe(0);
    expect(series.points.length).toBeGreaterThan(1);
    expect(commandLines().filter((line) => line.includes(dirname(node.root)))).toEqual([]);
  });
});

/** Of all processes; one that is gone meanwhile has none. */
function commandLines(): readonly string[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}

describe('the text', () => {
  it('is read by bash alone, and has nothing that came after bash 4.2', () => {
    expect(spawnSync('bash', ['-n', '-s'], { input: SLURM_WRAPPER, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(SLURM_WRAPPER).not.toMatch(/wait -[nfp]|\$\{\w+@|\[-\d|EPOCH|mapfile -d|\blocal -n\b/);
  });
});
