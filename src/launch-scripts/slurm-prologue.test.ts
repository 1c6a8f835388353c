import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/project.ts';
import { bashScript, fakeCommand, fakePath, makeNode, MARK_SCRIPT, ranJobs } from '../../test/support/slurm-scripts.ts';
import { SLURM_PROLOGUE } from './slurm-prologue.ts';

/** The prologue as bash runs it, with the variables of a batch step. */

const MARK = MARK_SCRIPT;
const ran = ranJobs;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('the fence', () => {
  it('lets one copy run, which leaves claim, start and exit', async () => {
    const node = makeNode();

    expect(await node.run(MARK)).toEqual({ status: 0, stdout: '', stderr: '' });

    expect(ran(node)).toEqual(['7']);
    expect(node.receipts()).toEqual([
      'claim',
      'claim.7.0',
      'entrypoint.json',
      'exit.json',
      'start.0.0',
      'started.json',
    ]);
    expect(statSync(join(node.receipt, 'claim')).ino).toBe(statSync(join(node.receipt, 'claim.7.0')).ino);
    const claim = node.json('claim') as Record<string, unknown>;
    const started = node.json('started.json') as Record<string, unknown>;
    const exit = node.json('exit.json') as Record<string, unknown>;
    expect(Object.keys(claim)).toEqual(['kind', 'job_id', 'restart_count', 'node', 'claimed_at']);
    expect(claim).toMatchObject({ kind: 'job', job_id: '7', restart_count: 0, node: 'n1' });
    expect(Object.keys(started)).toEqual(['job_id', 'restart_count', 'node', 'started_at']);
    expect(Object.keys(exit)).toEqual(['job_id', 'restart_count', 'exit_code', 'node', 'started_at', 'ended_at']);
    expect(exit).toMatchObject({ ...started, exit_code: 0 });
    for (const time of [claim['claimed_at'], exit['started_at'], exit['ended_at']]) expect(time).toMatch(TIME);
    expect(readFileSync(join(node.receipt, 'claim'), 'utf8')).toMatch(/^\{[^\n]*\}\n$/);
  });

  it('lets one of twenty copies run, and no other one writes a receipt (X1)', async () => {
    const node = makeNode();

    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, index) => node.run(MARK, { SLURM_JOB_ID: String(100 + index) })),
    );

    expect(ends.map((end) => end.status).sort()).toEqual([0, ...Array<number>(19).fill(98)]);
    expect(ran(node)).toHaveLength(1);
    expect(node.json('exit.json')).toMatchObject({ job_id: ran(node)[0], exit_code: 0 });
    expect(node.json('claim')).toMatchObject({ job_id: ran(node)[0] });
    const said = ends.filter((end) => end.status === 98).map((end) => end.stderr);
    for (const line of said)
      expect(line).toMatch(new RegExp(`^autolab: run r1 is claimed by .*"job_id":"${String(ran(node)[0])}"`));
    expect(node.receipts().filter((name) => !name.startsWith('claim'))).toEqual([
      'entrypoint.json',
      'exit.json',
      'start.0.0',
      'started.json',
    ]);
  });

  it('does not run again where the same job starts the script a second time', async () => {
    const node = makeNode();
    await node.run(MARK);
    const receipt = readFileSync(join(node.receipt, 'exit.json'), 'utf8');

    const second = await node.run(MARK, { AUTOLAB_REQUEUE: '1' });

    expect(second.status).toBe(98);
    expect(second.stderr).toContain('this job has already claimed the run');
    expect(ran(node)).toHaveLength(1);
    expect(readFileSync(join(node.receipt, 'exit.json'), 'utf8')).toBe(receipt);
  });

  it('leaves where the launcher has taken the claim', async () => {
    const node = makeNode();
    writeFileSync(join(node.receipt, 'claim'), '{\n  "kind": "tombstone",\n  "job_id": "7"\n}\n');

    const ended = await node.run(MARK, { SLURM_RESTART_COUNT: '1', AUTOLAB_REQUEUE: '1' });

    expect(ended.status).toBe(98);
    expect(ended.stderr).toMatch(/^autolab: run r1 is claimed by \{ {3}"kind": "tombstone"/);
    expect(ran(node)).toEqual([]);
    expect(node.receipts()).toEqual(['claim', 'claim.7.1']);
  });

  it.each([
    ['with the design, each generation once', '1', 0, ['7', '7']],
    ['not without the design', '0', 98, ['7']],
  ])('lets a requeued job run again %s', async (_, requeue, status, runs) => {
    const node = makeNode();
    await node.run(MARK, { AUTOLAB_REQUEUE: requeue });

    const again = await node.run(MARK, { AUTOLAB_REQUEUE: requeue, SLURM_RESTART_COUNT: '1' });
    const twice = await node.run(MARK, { AUTOLAB_REQUEUE: requeue, SLURM_RESTART_COUNT: '1' });

    expect(again.status).toBe(status);
    expect(twice.status).toBe(98);
    expect(ran(node)).toEqual(runs);
    expect(node.json('claim')).toMatchObject({ restart_count: 0 });
    expect(node.json('exit.json')).toMatchObject({ restart_count: runs.length - 1 });
    expect(existsSync(join(node.receipt, 'claim-1'))).toBe(runs.length === 2);
  });

  it('lets the first generation that gets as far as the claim have it', async () => {
    const node = makeNode();

    expect(await node.run(MARK, { SLURM_RESTART_COUNT: '2' })).toMatchObject({ status: 0 });

    expect(node.json('claim')).toMatchObject({ restart_count: 2 });
    expect(existsSync(join(node.receipt, 'claim-2'))).toBe(false);
  });

  it('does not let another job in under the name of a requeue', async () => {
    const node = makeNode();
    await node.run(MARK, { SLURM_JOB_ID: '70' });

    const other = await node.run(MARK, { SLURM_JOB_ID: '7', SLURM_RESTART_COUNT: '1', AUTOLAB_REQUEUE: '1' });

    expect(other.status).toBe(98);
    expect(ran(node)).toEqual(['70']);
  });

  it('gives a generation to one of several', async () => {
    const node = makeNode();
    await node.run(MARK);
    const again = { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1' };

    const ends = await Promise.all([1, 2, 3, 4].map(() => node.run(MARK, again)));

    expect(ends.map((end) => end.status).sort()).toEqual([0, 98, 98, 98]);
    expect(ran(node)).toHaveLength(2);
  });

  it('leaves where the launcher has closed the run', async () => {
    const node = makeNode();
    await node.run(MARK);
    writeFileSync(join(node.receipt, 'closed'), '{}');

    const again = await node.run(MARK, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1' });

    expect(again.status).toBe(98);
    expect(again.stderr).toContain('autolab: run r1 was closed');
    expect(ran(node)).toHaveLength(1);
    expect(node.json('exit.json')).toMatchObject({ restart_count: 0 });
  });

  it('believes the inode, not what ln says', async () => {
    const node = makeNode();
    // Links, and reports a failure: as NFS does when the answer gets lost.
    fakeCommand(node, 'ln', '/bin/ln "$@"; exit 1');

    expect(await node.run(MARK, fakePath(node))).toMatchObject({ status: 0, stderr: '' });
    expect(ran(node)).toHaveLength(1);
  });

  it('does not believe an ln that says yes and links nothing', async () => {
    const node = makeNode();
    fakeCommand(node, 'ln', 'exit 0');

    expect((await node.run(MARK, fakePath(node))).status).toBe(98);
    expect(ran(node)).toEqual([]);
  });

  it.each(['a folder that is not there', 'a folder that cannot be written'])(
    'starts nothing without a claim: %s',
    async (what) => {
      const node = makeNode();
      rmSync(node.receipt, { recursive: true });
      // Not writable for any user, root included.
      if (what.includes('written')) symlinkSync('/proc/self', node.receipt);

      const ended = await node.run(MARK);

      expect(ended.status).toBe(98);
      expect(ended.stderr).toContain('autolab: run r1 cannot be claimed in ');
      expect(ran(node)).toEqual([]);
    },
  );

  it.each(['AUTOLAB_RUN_ID', 'AUTOLAB_ITERATION_ID', 'AUTOLAB_RUN_DIR', 'AUTOLAB_REPO_ROOT', 'SLURM_JOB_ID'])(
    'refuses to start without %s',
    async (name) => {
      const node = makeNode();

      const ended = await node.run(MARK, { [name]: '' });

      expect(ended.status).toBe(96);
      expect(ended.stderr).toBe(`autolab: ${name} is not set; start this with: autolab launch\n`);
      expect(ran(node)).toEqual([]);
      expect(node.receipts()).toEqual([]);
    },
  );
});

describe('the receipt', () => {
  it.each([
    ['exit 3', 3],
    ['exit 0', 0],
    ['kill -9 $$', 137],
  ])('records how the entrypoint ended: %s', async (line, status) => {
    const node = makeNode();

    expect((await node.run(bashScript(line))).status).toBe(status);
    expect(node.json('exit.json')).toMatchObject({ exit_code: status });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGUSR1', 138],
  ] as const)('is written after %s to all processes', async (signal, status) => {
    const node = makeNode();
    const job = node.start(bashScript('touch "$AUTOLAB_RUN_DIR/ran"; exec sleep 60'));
    await until('the node is that far', () => existsSync(join(node.runDir, 'ran')));
    await sleep(100);

    process.kill(-job.pid, signal);

    expect((await job.ended).status).toBe(status);
    expect(node.json('exit.json')).toMatchObject({ exit_code: status });
  });

  it('is of the signal where the entrypoint takes it and ends with 0', async () => {
    const node = makeNode();
    const job = node.start(
      bashScript('trap "exit 0" TERM; touch "$AUTOLAB_RUN_DIR/ran"; while :; do sleep 0.05; done'),
    );
    await until('the node is that far', () => existsSync(join(node.runDir, 'ran')));

    process.kill(-job.pid, 'SIGTERM');

    expect((await job.ended).status).toBe(143);
    expect(node.json('exit.json')).toMatchObject({ exit_code: 143 });
  });

  it('is written whole though signals keep coming', async () => {
    const node = makeNode();
    fakeCommand(node, 'mv', 'sleep 0.5; exec /bin/mv "$@"');
    const job = node.start(bashScript('touch "$AUTOLAB_RUN_DIR/ran"; exec sleep 60'), fakePath(node));
    await until('the node is that far', () => existsSync(join(node.runDir, 'ran')));
    await sleep(100);

    for (let signals = 0; signals < 20; signals += 1) {
      try {
        process.kill(-job.pid, 'SIGTERM');
      } catch {
        // No process of the job is left.
        break;
      }
      await sleep(50);
    }

    expect((await job.ended).status).toBe(143);
    expect(node.json('exit.json')).toMatchObject({ exit_code: 143 });
  });

  it('does not depend on the PATH, folder or options that the environment leaves behind', async () => {
    const node = makeNode();

    const ended = await node.run(bashScript('exit 5', 'mkdir -p /tmp; cd /; PATH=/nowhere:"$PATH"; set -C\n'));
    expect(ended).toMatchObject({ status: 5, stderr: '' });
    expect(node.json('exit.json')).toMatchObject({ exit_code: 5 });

    const other = makeNode();
    await other.run(bashScript('exit 5', 'unset PATH\n'));
    expect(other.json('exit.json')).toMatchObject({ exit_code: 127 });
  });

  it.each([
    ['the folder is gone', 'rm -rf "$AUTOLAB_RUN_DIR/receipt"; echo why >&2; exit 4'],
    ['nothing can be renamed', 'echo why >&2; exit 4'],
  ])('that cannot be written changes neither status nor message: %s', async (what, line) => {
    const node = makeNode();
    if (what.startsWith('nothing')) fakeCommand(node, 'mv', 'echo noise >&2; exit 1');

    const ended = await node.run(bashScript(line), fakePath(node));

    expect(ended.status).toBe(4);
    expect(ended.stderr).toMatch(/(?:^|\n)why\nautolab: receipt\/exit\.json could not be written\n$/);
    expect(ended.stderr).not.toContain('noise');
  });

  it.runIf(existsSync('/dev/full'))('survives a full disk', async () => {
    const node = makeNode();
    // Everything that the job writes after its claim goes to a file that is always full.
    const script = MARK.replace('autolab_tell() {\n', 'autolab_tell() {\n  autolab_temporary=/dev/full\n');

    const ended = await node.run(script);

    expect(ended.status).toBe(0);
    expect(ran(node)).toEqual(['7']);
    expect(ended.stderr).toContain('receipt/exit.json could not be written');
  });
});

describe('the text', () => {
  it('is short, and bash alone reads it', () => {
    expect(SLURM_PROLOGUE.split('\n').length).toBeLessThan(70);
    expect(spawnSync('bash', ['-n', '-s'], { input: SLURM_PROLOGUE, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
