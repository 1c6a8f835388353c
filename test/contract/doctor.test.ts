import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, type JsonEnded, parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { call, callWithoutTrace, pathWithoutSlurm, withoutPrivileges } from '../support/contract.ts';
import { edit, fakeCommands, makeProject, temporaryFolder, write } from '../support/project.ts';

/** `autolab doctor`: each thing that a launch needs is looked for, told by name, and mended by what the line says. */

interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly mend: string | null;
}

const TOOLS = ['bash', 'hostname', 'git', 'sha256sum', 'rsync', 'ssh'];
const NAMES = ['node', ...TOOLS, 'host mode', 'project', 'disk space', 'documents', 'repository'];

const checksOf = (ended: Pick<JsonEnded, 'json'>): readonly Check[] => ended.json['checks'] as readonly Check[];

function checkOf(ended: Pick<JsonEnded, 'json'>, name: string): Check | undefined {
  return checksOf(ended).find((check) => check.name === name);
}

/** A PATH where every tool is a fake that answers, but those that are left out. */
function tools(without: readonly string[] = [], fakes: Readonly<Record<string, string>> = {}): { PATH: string } {
  const answering = Object.fromEntries(['hostname', 'rsync', 'ssh'].map((name) => [name, `echo fake ${name}`]));
  const wanted = Object.entries({ ...answering, ...fakes }).filter(([name]) => !without.includes(name));
  const folder = (fakeCommands(Object.fromEntries(wanted))['PATH'] ?? '').split(':')[0] ?? '';
  return { PATH: `${folder}:${pathWithoutSlurm(without)}` };
}

describe('autolab doctor', () => {
  it('looks for everything that a launch needs, and writes nothing', async () => {
    const root = makeProject({ git: true });

    const ended = await callWithoutTrace(root, ['doctor'], { env: tools() });

    expect(ended).toMatchObject({ status: 0, json: { outcome: 'ok', code: 'ok' } });
    expect(checksOf(ended).map((check) => check.name)).toEqual(NAMES);
    for (const check of checksOf(ended)) expect(check, check.name).toMatchObject({ status: 'ok', mend: null });
    expect(checkOf(ended, 'node')?.found).toBe(process.versions.node);
    expect(checkOf(ended, 'rsync')?.found).toBe('fake rsync');
    expect(checkOf(ended, 'host mode')?.found).toContain('local');
    expect(checkOf(ended, 'disk space')?.found).toMatch(/^\d+\.\d GiB free in \//);
  });

  it.each(['hostname', 'bash'])('fails without %s, and says what to install', async (name) => {
    const root = makeProject();
    // Without bash the fakes, which are bash scripts, do not run either: the real ones stand in.
    const env = name === 'bash' ? { PATH: pathWithoutSlurm(['bash']) } : tools([name]);

    const ended = await call(root, ['doctor'], { env });

    expect(ended).toMatchObject({ status: 10, json: { outcome: 'needs_retry', code: 'doctor.failed' } });
    expect(checkOf(ended, name)).toMatchObject({ status: 'fail', found: 'not installed' });
    expect(checkOf(ended, name)?.mend).toContain(`Install ${name}`);
    expect(ended.json['message']).toContain(name);
  });

  it.each(['git', 'sha256sum', 'rsync', 'ssh'])('warns without %s, and says what is lost', async (name) => {
    const root = makeProject({ git: true });

    const ended = await call(root, ['doctor'], { env: tools([name]) });

    expect(ended.status).toBe(0);
    expect(checkOf(ended, name)).toMatchObject({ status: 'warn', found: 'not installed' });
    expect(checkOf(ended, name)?.mend).toMatch(/^Install .*: /);
    const others = checksOf(ended).filter((check) => check.name !== name);
    expect(others.map((check) => check.status)).toEqual(others.map(() => 'ok'));
  });

  it('tells a tool that is there and does not work from one that is missing', async () => {
    const root = makeProject();

    const ended = await call(root, ['doctor'], { env: tools([], { rsync: 'echo broken library >&2; exit 127' }) });

    expect(checkOf(ended, 'rsync')).toMatchObject({ status: 'warn', found: 'failed: broken library' });
  });

  it('fails where the kind of the host cannot be found out, and says so without a Slurm command', async () => {
    const root = makeProject();

    const ended = await call(root, ['doctor'], { env: tools([], { hostname: 'exit 3' }) });

    expect(ended.status).toBe(10);
    expect(checkOf(ended, 'host mode')).toMatchObject({ status: 'fail' });
    expect(checkOf(ended, 'host mode')?.found).toContain('exit status 3');
    expect(checkOf(ended, 'host mode')?.mend).toContain('host_mode: local');
  });

  it('probes the host once, for its own lines and for what speaks against a launch', async () => {
    const root = makeProject();
    const asked = join(temporaryFolder(), 'asked');
    const env = tools([], { sinfo: `echo once >> '${asked}'; exit 1` });

    const ended = await call(root, ['doctor'], { env });

    expect(ended.status).toBe(0);
    expect(readFileSync(asked, 'utf8')).toBe('once\n');
  });

  it('asks a remote host about itself once, for its own lines and for what speaks against a launch', async () => {
    const root = makeProject();
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('location: local', 'location: slurm'));
    const profile = '{login_host: far, remote_repo_root: /there, mode: git}';
    write(root, '.autolab/remote_profiles.yaml', `default_profile: far\nprofiles:\n  far: ${profile}\n`);
    const asked = join(temporaryFolder(), 'asked');
    const ssh = `[ "$1" = -V ] || echo "$*" >> '${asked}'; echo refused >&2; exit 255`;

    const ended = await call(root, ['doctor'], { env: tools([], { ssh }) });

    expect(checkOf(ended, 'profile far')).toMatchObject({ status: 'fail' });
    expect(checkOf(ended, 'launch')?.found).toMatch(/^remote\./);
    const connections = readFileSync(asked, 'utf8')
      .split('\n')
      .filter((line) => line.includes('ControlMaster=yes'));
    expect(connections).toHaveLength(1);
  });

  it('names the Slurm variables that are hidden from Slurm, and only those', async () => {
    const root = makeProject();

    const ended = await call(root, ['doctor'], {
      env: { ...tools(), SBATCH_TIMELIMIT: '1', SQUEUE_STATES: 'R', SLURM_CONF: '/etc/slurm.conf' },
    });

    expect(checkOf(ended, 'Slurm variables')?.found).toMatch(/^SBATCH_TIMELIMIT, SQUEUE_STATES are set/);
  });

  it('warns where there is no project', async () => {
    const ended = await call(temporaryFolder(), ['doctor'], { env: tools() });

    expect(ended.status).toBe(0);
    expect(checkOf(ended, 'project')).toMatchObject({ status: 'warn', found: 'not found' });
    expect(checkOf(ended, 'project')?.mend).toContain('autolab init');
    expect(checkOf(ended, 'documents')).toBeUndefined();
  });

  it('fails where the project cannot be written', async () => {
    const root = makeProject();
    chmodSync(join(root, '.autolab'), 0o555);

    const ended = await startProgram([...withoutPrivileges(), process.execPath, PROGRAM, 'doctor', '--json'], root)
      .ended;
    chmodSync(join(root, '.autolab'), 0o755);

    expect(ended.status).toBe(10);
    const check = checkOf({ json: parseJson(ended) }, 'project');
    expect(check).toMatchObject({ status: 'fail' });
    expect(check?.found).toContain('EACCES');
    expect(check?.mend).toContain(`${join(root, '.autolab')} writable`);
  });

  it.each(['.autolab/state.json', '.autolab/backlog.yaml'])('fails where %s cannot be read', async (file) => {
    const root = makeProject();
    write(root, file, '{"a": [');

    const ended = await call(root, ['doctor'], { env: tools() });

    expect(ended).toMatchObject({ status: 10, json: { code: 'doctor.failed' } });
    expect(checkOf(ended, 'documents')).toMatchObject({ status: 'fail' });
    expect(checkOf(ended, 'documents')?.found).toContain(file);
    expect(checkOf(ended, 'documents')?.mend).not.toBe('');
  });

  it('warns of each mistake in the other documents, with its place', async () => {
    const root = makeProject();
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('"00:05:00"', 'never'));
    write(root, '.autolab/launch.yaml', 'host_mode: moon\n');

    const ended = await call(root, ['doctor'], { env: tools() });

    expect(ended.status).toBe(0);
    const found = checksOf(ended).filter((check) => check.name === 'documents');
    expect(found.map((check) => check.status)).toEqual(['warn', 'warn']);
    expect(found.map((check) => check.found.split(': ')[0]).sort()).toEqual([
      '.autolab/launch.yaml:1:12',
      'experiments/iter1/design.yaml:8:9',
    ]);
  });

  it('warns of what would stop a launch, in the words of the launch', async () => {
    const root = makeProject({ git: true });
    write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');
    write(root, 'train.mjs', '// another one\n');

    const ended = await callWithoutTrace(root, ['doctor'], { env: tools() });

    const dry = await call(root, ['launch', '--dry-run']);
    expect(dry.json['code']).toBe('git.dirty');
    expect([ended.status, checkOf(ended, 'launch')]).toMatchObject([
      0,
      { status: 'warn', found: `git.dirty: ${String(dry.json['message'])}`, mend: dry.json['hint'] },
    ]);
  });

  it('tells people one line a check, with its mark and the mend', async () => {
    const root = makeProject();

    const { status, stdout, stderr } = await autolab(root, ['doctor'], { env: tools(['ssh', 'hostname']) });

    expect({ status, stderr }).toEqual({ status: 10, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(NAMES.length)).toEqual([
      'Failed checks: hostname, host mode. Fix them, then check again.',
      '  next: autolab doctor',
    ]);
    expect(lines).toContain(`✔ node: ${process.versions.node}`);
    expect(lines.find((line) => line.startsWith('! ssh'))).toMatch(/^! ssh: not installed\. Install /);
    expect(lines.find((line) => line.startsWith('✖ hostname'))).toMatch(/^✖ hostname: not installed\. Install /);
  });

  describe('what to do next', () => {
    const nextOf = async (root: string, env = tools()): Promise<unknown> => {
      const ended = await callWithoutTrace(root, ['doctor'], { env });
      expect(ended.json['hint']).toBe(ended.json['next_command'] ?? '');
      return ended.json['next_command'];
    };

    it('is the first step of a new user, each a command that works', async () => {
      const root = temporaryFolder();
      write(root, 'train.sh', 'echo done\n');
      const env = tools();

      const steps = [];
      for (const words of [['init'], ['new', 'first', '--', 'bash', 'train.sh']]) {
        steps.push(await nextOf(root));
        const ended = await autolab(root, words, { env });
        expect([words[0], ended.status]).toEqual([words[0], 0]);
      }
      steps.push(await nextOf(root));

      expect(steps).toEqual(['autolab init', 'autolab new ID', 'autolab approve --by WHO']);
    });

    it('is to check again after something failed', async () => {
      const root = makeProject({ git: true });
      expect(await nextOf(root, tools(['hostname']))).toBe('autolab doctor');
    });

    it('is the launch, or what the gate asks for', async () => {
      const root = makeProject({ git: true });
      const ready = await nextOf(root);
      edit(root, 'experiments/iter1/review_result.json', (text) => text.replace('"pass"', '"needs_retry"'));
      const rejected = await nextOf(root);

      expect([ready, rejected]).toEqual(['autolab launch', 'autolab approve --by WHO']);
    });

    it('is the approval, if only the code changed since', async () => {
      const root = makeProject({ git: true });
      edit(root, 'experiments/iter1/review_result.json', (text) =>
        text.replace('"pass"', `"pass", "approved": {"code": "${'0'.repeat(64)}"}`),
      );

      expect(await nextOf(root)).toBe('autolab approve --by WHO');
    });

    it('is to check again, if the host or git would refuse the launch', async () => {
      const root = makeProject({ git: true });
      write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');
      write(root, 'train.mjs', '// another one\n');

      expect(await nextOf(root)).toBe('autolab doctor');
    });
  });

  it('names a document only where the stage needs it, with the command', async () => {
    const root = makeProject({ git: true });
    const documents = async (stage: string): Promise<readonly (string | null)[]> => {
      edit(root, '.autolab/state.json', (text) => text.replace(/"stage": "[a-z_]*"/, `"stage": "${stage}"`));
      const ended = await call(root, ['doctor'], { env: tools() });
      return checksOf(ended)
        .filter(({ name }) => name === 'documents')
        .map(({ mend }) => mend);
    };
    rmSync(join(root, 'experiments/iter1/review_result.json'));
    rmSync(join(root, 'experiments/iter1/design.yaml'));

    const [design, launching] = [await documents('design'), await documents('launch')];

    expect(design).toEqual([null]);
    expect(launching).toEqual([
      'What it needs: autolab render --stage design --stdout',
      'Approve the experiment: autolab approve --by WHO',
    ]);
  });

  it('says where a launch host is named, where a host behind ssh is asked about and none is', async () => {
    const asked = await call(makeProject(), ['remote', 'check']);
    expect([asked.status, asked.json['code']]).toEqual([10, 'config.invalid']);
    expect(asked.json['hint']).toContain('docs/how-to/ssh.md');
  });
});
