import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { gate } from '../support/far-gate.ts';
import { baseOf, farProject, type FarProjectOptions, farRun } from '../support/far-project.ts';
import { runIds, startsOf } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { expectOnce, type SlurmEnv } from '../support/slurm-project.ts';

/** What says no on either side: a disk that is full, a folder of somebody else's (R21, X7). */

let env: SlurmEnv;
let cluster: Cluster;
const mounted: string[] = [];

async function ownFar(options: { readonly shell?: string } = {}): Promise<Far> {
  return Far.start({ env: cluster.env, shared: [cluster.folder], ...options });
}

async function launch(root: string, over: Far): Promise<Record<string, any>> {
  const { status, json, stderr } = await autolabJson(root, ['launch'], { env: over.near });
  return { ...json, exit: status, stderr };
}

function mount(folder: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  mounted.push(folder);
}

function remount(folder: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, folder]);
}

afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder]);
});

/** A project on a file system of its own, as small as `disk` says. */
function projectOnDisk(over: Far, disk: string, project: FarProjectOptions): string {
  const root = farProject(over, project);
  const aside = mkdtempSync(join(tmpdir(), 'autolab-aside-'));
  execFileSync('cp', ['-a', `${root}/.`, aside]);
  mount(root, disk);
  execFileSync('cp', ['-a', `${aside}/.`, root]);
  rmSync(aside, { recursive: true });
  return root;
}

/** An entrypoint that leaves what `outputs` makes in the run's folder. */
function leaving(outputs: string): string {
  return `cd "$AUTOLAB_RUN_DIR"; echo started >> marker; echo "{}" > metrics.json\n${outputs}\n`;
}

/** The run of the project came to its end, with one start of its one job. */
async function expectCompleted(root: string, launched: Record<string, any>): Promise<string> {
  const [runId = '', ...others] = runIds(root);
  const told = [launched['exit'], launched['code'], launched['run_id'], others];
  expect(told, JSON.stringify(launched)).toEqual([0, 'run.completed', runId, []]);
  expect(startsOf(root, runId)).toBe(1);
  expect(manifestOf(root, runId)['sync']['to_local']).toMatchObject({ status: 'ok', verified: true });
  await expectOnce(env, root, runId);
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  return runId;
}

describeOverSsh('limits over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    ({ env } = cluster);
  });

  it.each([
    [
      'outputs that are larger than what is free',
      'size=6m',
      'head -c 16000000 /dev/zero > big.bin',
      /need 1\d{7} bytes here, and \d{7} are free/,
    ],
    [
      'outputs that are small, and too many for what is free',
      'size=8m',
      'mkdir many; seq 4000 | split -l 1 -a 3 - many/f.',
      /need 1\d{7} bytes here, and \d{7} are free/,
    ],
    [
      'more files than the disk has inodes for',
      'size=64m,nr_inodes=1000',
      'mkdir many; seq 2000 | split -l 1 -a 3 - many/f.',
      /need 20\d{2} inodes here, and \d+ are free/,
    ],
  ])(
    'a disk here that is too small for %s is told; when it has room the same run comes to its end',
    async (_what, disk, outputs, words) => {
      const over = await ownFar();
      const root = projectOnDisk(over, disk, { entrypoint: leaving(outputs) });
      const launched = await launch(root, over);
      expect([launched['exit'], launched['code']], JSON.stringify(launched)).toEqual([10, 'sync.failed']);
      expect(hasClaim(root)).toBe(true);
      const [runId = ''] = runIds(root);
      const { diagnosis } = manifestOf(root, runId)['sync']['to_local'] as { diagnosis: readonly string[] };
      expect(diagnosis.join('\n')).toMatch(words);
      expect(diagnosis.join('\n')).toMatch(/is reachable[^]*free here: \d+ MiB, \d+ inodes/);
      remount(root, 'size=200m,nr_inodes=100000');
      await expectCompleted(root, await launch(root, over));
    },
    SLOW_MS,
  );

  it(
    'a disk here that somebody else fills while the outputs come back costs a call, and not the job',
    async () => {
      const over = await ownFar();
      const held = gate(over, 'rsync', '*--sender*');
      const root = projectOnDisk(over, 'size=32m', { entrypoint: leaving('head -c 8000000 /dev/zero > big.bin') });
      const running = startAutolab(root, ['launch', '--json'], { env: over.near });
      await held.reached();
      // Until there is no room any more: the status tells that, too.
      expect(() => execFileSync('sh', ['-c', 'cat /dev/zero 2>&1 > filler'], { cwd: root, stdio: 'pipe' })).toThrow();
      held.open();
      const ended = await running.ended;
      expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([14, 'run.not_recorded']);
      expect(parseJson(ended)['message']).toContain('no space left on device');
      expect(hasClaim(root)).toBe(true);
      rmSync(join(root, 'filler'));
      await expectCompleted(root, await launch(root, over));
    },
    SLOW_MS,
  );

  it(
    'a folder over there that may not be written is told before anything is claimed',
    async () => {
      const over = await ownFar();
      await over.closePort();
      const root = farProject(over);
      mount(baseOf(over), 'size=4m');
      remount(baseOf(over), 'ro');
      await over.openPort();
      const launched = await launch(root, over);
      expect([launched['exit'], launched['code']], JSON.stringify(launched)).toEqual([10, 'remote.path']);
      expect(launched['message']).toContain('cannot be written');
      expect([runIds(root), hasClaim(root), launched['stage_after']]).toEqual([[], false, 'launch']);
    },
    SLOW_MS,
  );

  it(
    'a folder for trees that is somebody else’s is told in its words, and the same run goes on once it is ours',
    async () => {
      const over = await farOfAnybody();
      const root = farProject(over);
      const trees = join(baseOf(over), '.autolab/worktrees');
      mkdirSync(trees, { recursive: true, mode: 0o755 });
      execFileSync('chown', ['nobody', trees]);
      const launched = await launch(root, over);
      expect([launched['exit'], launched['code']], JSON.stringify(launched)).toEqual([10, 'sync.send_failed']);
      expect(launched['message']).toContain('Permission denied');
      const [runId = ''] = runIds(root);
      const { diagnosis } = manifestOf(root, runId)['sync']['to_remote'] as { diagnosis: readonly string[] };
      expect(diagnosis.join('\n')).toMatch(/Permission denied[^]*is reachable[^]*free here/);
      execFileSync('chown', ['root', trees]);
      await expectCompleted(root, await launch(root, over));
    },
    SLOW_MS,
  );

  it(
    'an output that may not be read over there is told by its name, the others come, and the same run ends later',
    async () => {
      const over = await farOfAnybody();
      const root = farProject(over, { entrypoint: leaving('echo x > secret; chmod 000 secret') });
      const launched = await launch(root, over);
      expect([launched['exit'], launched['code']], JSON.stringify(launched)).toEqual([10, 'sync.failed']);
      expect(launched['message']).toMatch(/secret: (it could not be read on the remote host|Permission denied)/);
      const [runId = ''] = runIds(root);
      expect(existsSync(inRun(root, 'iter1', runId, 'metrics.json'))).toBe(true);
      execFileSync('chmod', ['644', farRun(over, runId, 'secret')]);
      await expectCompleted(root, await launch(root, over));
    },
    SLOW_MS,
  );

  /** Root as any account is: without the capabilities that look away from the modes of files. */
  async function farOfAnybody(): Promise<Far> {
    return ownFar({ shell: 'setpriv --bounding-set=-dac_override,-dac_read_search /bin/bash' });
  }
});
