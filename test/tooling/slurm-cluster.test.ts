import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/autolab.ts';
import { temporaryFolder } from '../support/project.ts';
import { loadScript } from './scripts.ts';

/** What of scripts/lib/slurm needs no Slurm; the rest is in test/slurm. */

type Stop = (folder: string, name: string) => Promise<void>;
type Reserve = (wanted?: number, remembered?: number) => Promise<{ base: number; release: () => void }>;

const { stopDaemon, pidOf } = await loadScript<{ stopDaemon: Stop; pidOf: (folder: string, name: string) => unknown }>(
  'slurm/processes.mjs',
);
const { reservePorts } = await loadScript<{ reservePorts: Reserve }>('slurm/ports.mjs');
const { realFolder } = await loadScript<{ realFolder: (folder: string) => string }>('slurm/settings.mjs');
const { configurationOf } = await loadScript<{
  configurationOf: (folder: string, settings: object) => Record<string, string>;
}>('slurm/config.mjs');

const { removeTree } = await loadScript<{ removeTree: (folder: string, mounts?: string) => void }>('slurm/files.mjs');
const { enterScript, wrapperFor } = await loadScript<{
  enterScript: (root: string, node: string) => string;
  wrapperFor: (enter: string, client: string) => string;
}>('slurm/enter.mjs');

async function slurm(...words: readonly string[]) {
  return startProgram([process.execPath, 'scripts/slurm.mjs', ...words], process.cwd()).ended;
}

describe('a process that was kept', () => {
  it('is not ended where its id went to another process', async () => {
    const folder = temporaryFolder();
    const other = spawn('sleep', ['60']);
    mkdirSync(join(folder, 'processes'));
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const record = JSON.stringify({ pid: other.pid, started: '1', boot });
    writeFileSync(join(folder, 'processes/slurmctld.json'), record);
    expect(pidOf(folder, 'slurmctld')).toBe(null);
    await stopDaemon(folder, 'slurmctld');
    expect(other.kill(0)).toBe(true);
    other.kill();
  });
});

describe('ports', () => {
  it('go to one cluster at a time', async () => {
    const [one, two] = await Promise.all([reservePorts(), reservePorts()]);
    expect(one.base).not.toBe(two.base);
    await expect(reservePorts(one.base)).rejects.toThrow('not free');
    one.release();
    two.release();
  });
});

describe('a folder', () => {
  it('is refused where the path of a socket in it would be too long', () => {
    expect(() => realFolder(`/tmp/${'x'.repeat(60)}`)).toThrow('too long');
  });

  it('is refused where a configuration cannot name it', () => {
    expect(() => realFolder('/tmp/a b')).toThrow('characters');
  });
});

describe('a release in a folder', () => {
  it('is not removed while something is mounted in it', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const mounts = `proc /proc proc rw 0 0\nproc ${folder}/root/proc proc rw 0 0\n`;
    expect(() => {
      removeTree(folder, mounts);
    }).toThrow(`something is mounted in it: ${folder}/root/proc`);
    expect(existsSync(join(folder, 'file'))).toBe(true);
    removeTree(folder, `proc ${folder}-2/root/proc proc rw 0 0\n`);
    expect(existsSync(folder)).toBe(false);
  });

  it('is entered by scripts that a shell can read', () => {
    for (const text of [enterScript('/r', '/usr/bin/node'), wrapperFor('/e', 'sbatch')]) {
      expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' }).stderr).toBe('');
    }
  });
});

describe('the configuration', () => {
  const settings = {
    cluster: 'c1',
    nodes: ['c1n1', 'c1n2'],
    site: 'plain',
    host: 'here',
    user: 'me',
    port: 21000,
    accounting: true,
    minJobAge: 10,
    memoryLimits: 'cgroup/v1',
    databasePassword: 'secret',
  };

  it('has what was asked for, and the password only where slurmdbd reads it', () => {
    const files = configurationOf('/f', settings);
    expect(files['slurm.conf']).toContain('MinJobAge=10\n');
    expect(files['slurm.conf']).toContain('TaskPlugin=task/cgroup\n');
    expect(files['slurm.conf']).not.toContain('secret');
    expect(files['slurmdbd.conf']).toContain('StoragePass=secret\n');
  });

  it('does without accounting and without memory limits', () => {
    const files = configurationOf('/f', { ...settings, accounting: false, memoryLimits: 'none' });
    expect(Object.keys(files)).toEqual(['slurm.conf', 'gres.conf', 'cgroup.conf']);
    expect(files['slurm.conf']).toContain('AccountingStorageType=accounting_storage/none\n');
    expect(files['slurm.conf']).toContain('TaskPlugin=task/none\n');
    expect(files['cgroup.conf']).toBe('');
  });

  it('has the rules of its site in place of the plain ones', () => {
    const files = configurationOf('/f', { ...settings, site: 'no-memory' });
    expect(files['slurm.conf']).toContain('SelectTypeParameters=CR_CPU\n');
    expect(files['slurm.conf']).not.toMatch(/CR_CPU_Memory|DefMemPerCPU|RealMemory=8000/);
    expect(files['cgroup.conf']).toBe('');
  });

  it('uses the books of another cluster', () => {
    const files = configurationOf('/f', { ...settings, site: 'lua', books: { folder: '/g', port: 22000 } });
    expect(files['slurm.conf']).toContain('AccountingStoragePort=22001\n');
    expect(files['slurm.conf']).toContain('AuthInfo=socket=/g/run/munge.sock\n');
    expect(Object.keys(files)).toEqual(['slurm.conf', 'gres.conf', 'cgroup.conf', 'job_submit.lua', 'cli_filter.lua']);
  });
});

describe('npm run slurm:…', () => {
  it.each([
    [[]],
    [['sideways']],
    [['up', '--nodes=3']],
    [['up', '--port=x']],
    [['up', '--site=moon']],
    [['up', '--release=potato']],
  ])('says how it is called: %j', async (words) => {
    const ended = await slurm(...words);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('usage: npm run slurm:up');
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });

  it('knows of no cluster in an empty folder, and has nothing to stop there', async () => {
    const folder = temporaryFolder();
    const status = await slurm('status', '--json', '--folder', folder);
    expect(JSON.parse(status.stdout)).toEqual({ state: 'absent', folder });
    expect(status.status).toBe(3);
    expect((await slurm('down', '--remove', '--folder', folder)).stdout).toBe('There was nothing to stop.\n');
  });

  it('does not settle in a folder that has other things in it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.txt'), '');
    const ended = await slurm('up', '--folder', folder);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('has other things in it');
    expect((await slurm('down', '--remove', '--folder', folder)).status).toBe(0);
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('');
  });
});
