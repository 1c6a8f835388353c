import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import type { Ran } from './answer.ts';
import { judgeSubmission, parseSubmitted } from './parse-sbatch.ts';
import { adviceOnReason } from './refusals.ts';
import { judgeTestOnly, testOnlyArgv } from './test-only.ts';

const failed = (stderr: string, exitCode = 1): Ran => ran({ exitCode, stderr });

describe('parseSubmitted', () => {
  it.each([
    ['--parsable', '123\n', '123', null],
    ['--parsable on several clusters', '123;gpu\n', '123', 'gpu'],
    ['without --parsable', 'Submitted batch job 123\n', '123', null],
    ['without --parsable, another cluster', 'Submitted batch job 123 on cluster gpu-2\n', '123', 'gpu-2'],
    ['CRLF', '123\r\n', '123', null],
    ['a banner around it', 'Welcome to node 7!\n*** 2 messages ***\n\n123\nHave a nice day\n', '123', null],
    ['the id said twice', 'Submitted batch job 123\n123;gpu\n', '123', 'gpu'],
    ['no newline', '123', '123', null],
  ])('%s', (_name, stdout, job_id, cluster) => {
    expect(parseSubmitted(stdout)).toEqual({ kind: 'job', job: { job_id, cluster } });
  });
  it.each(['', '\n', 'Welcome\n', '0\n', 'job 12 of 13\n', '12 13\n', '-5\n', '1'.repeat(30)])(
    'no id in %j',
    (stdout) => {
      expect(parseSubmitted(stdout).kind).toBe('none');
    },
  );
  it('does not choose between several ids', () => {
    expect(parseSubmitted('12\n13\n')).toEqual({ kind: 'several', words: 'sbatch printed several job ids: 12, 13' });
  });
});

describe('judgeSubmission', () => {
  it.each([
    ['an id', ran({ stdout: '12\n' })],
    [
      'an id and noise on stderr (sisyphus 156)',
      ran({
        stdout: '12\n',
        stderr: 'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n',
      }),
    ],
    [
      'an id and a bad exit status',
      ran({ stdout: '12\n', exitCode: 1, stderr: 'sbatch: error: Invalid qos specification\n' }),
    ],
    ['an id, and then a kill', ran({ stdout: '12\n', exitCode: null, timedOut: true })],
  ])('accepted: %s', (_name, facts) => {
    expect(judgeSubmission(facts)).toEqual({ kind: 'accepted', job: { job_id: '12', cluster: null } });
  });

  const said = (words: string): string => `sbatch: error: Batch job submission failed: ${words}\n`;
  // The texts without a version are of 22.05.8, as it printed them.
  it.each([
    [
      'partition',
      `sbatch: error: invalid partition specified: nope\n${said('Invalid partition name specified')}`,
      '/compute/partition',
    ],
    ['account', said('Invalid account or account/partition combination specified'), '/compute/account'],
    ['qos', said('Invalid qos specification'), '/compute/qos'],
    ['time over the limit', said('Requested time limit is invalid (missing or exceeds some limit)'), '/compute/time'],
    ['time that is none', 'sbatch: error: Invalid --time specification\n', '/compute/time'],
    ['nodes', said('Node count specification invalid'), '/compute/nodes'],
    ['what no node has', said('Requested node configuration is not available'), '/compute/partition'],
    ['gres', 'sbatch: error: Invalid generic resource (gres) specification\n', '/compute/gpu_type'],
    ['gres (24.05)', said('Invalid generic resource (gres) specification'), '/compute/gpu_type'],
    ['memory', 'sbatch: error: Invalid --mem specification\n', '/compute/memory'],
    [
      'memory over the limit (23.11)',
      `sbatch: error: Memory specification can not be satisfied\n${said('Requested node configuration is not available')}`,
      '/compute/memory',
    ],
    [
      'memory of a QOS',
      `sbatch: error: QOSMaxMemoryPerJob\n${said("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)")}`,
      '/compute/memory',
    ],
    ['constraint', said('Invalid feature specification'), '/compute/constraint'],
    ['reservation', said('Requested reservation is invalid'), '/compute/reservation'],
    ['excluded nodes', said('Invalid node name specified'), '/compute/exclude'],
    ['processors', said('More processors requested than permitted'), '/compute/cpus'],
    [
      'too many jobs',
      `sbatch: error: QOSMaxSubmitJobPerUserLimit\n${said("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)")}`,
      '/compute/qos',
    ],
    [
      'too many jobs of the account',
      `sbatch: error: AssocMaxSubmitJobLimit\n${said("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)")}`,
      '/compute/qos',
    ],
    [
      'wall time of the account',
      `sbatch: error: AssocMaxWallDurationPerJobLimit\n${said("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)")}`,
      '/compute/time',
    ],
    [
      'some policy',
      said("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"),
      '/compute/qos',
    ],
    ['an option', `sbatch: unrecognized option '--bogus'\nTry "sbatch --help" for more information\n`, null],
    ['no script', 'sbatch: error: Unable to open file /p/progress of gres reservation.sh\n', null],
    [
      'a script without #!',
      'sbatch: error: This does not look like a batch script.  The first\nsbatch: error: line must start with #! followed by the path to an interpreter.\nsbatch: error: For instance: #!/bin/sh\n',
      null,
    ],
    ['an empty script', 'sbatch: error: Batch script is empty!\n', null],
    [
      'a script of DOS',
      'sbatch: error: Batch script contains DOS line breaks (\\r\\n)\nsbatch: error: instead of expected UNIX line breaks (\\n).\n',
      null,
    ],
    ['no permission', said('Access/permission denied'), null],
    ["a plugin's own words", `sbatch: error: You must give a project number\n${said('Unspecified error')}`, null],
  ])('refused: %s', (_name, stderr, pointer) => {
    const answer = judgeSubmission(failed(stderr));
    expect(answer).toMatchObject({ kind: 'refused' });
    expect(answer.kind === 'refused' && (answer.advice?.pointer ?? null)).toBe(pointer);
    expect(answer.kind === 'refused' && answer.words).not.toMatch(/sbatch:|\n/);
  });

  it("tells Slurm's own words", () => {
    const stderr = `Welcome to login7\nsbatch: error: invalid partition specified: nope\n${said('Invalid partition name specified')}`;
    expect(judgeSubmission(failed(stderr))).toMatchObject({
      words: 'invalid partition specified: nope; Batch job submission failed: Invalid partition name specified',
    });
  });

  // Exactly once depends on each of these: none proves that there is no job.
  it.each([
    ['a lost answer (Toil 5459)', failed(said('Socket timed out on send/recv operation'))],
    ['no controller', failed(said('Unable to contact slurm controller (connect failure)'))],
    ['the answer of the controller lost', failed(said('Unable to contact slurm controller (receive failure)'))],
    ['Zero Bytes', failed(said('Zero Bytes were transmitted or received'))],
    ['busy', failed('sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n')],
    [
      'busy, then a refusal',
      failed(
        `sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n${said('Invalid qos specification')}`,
      ),
    ],
    ['an error without words', failed(said('Unspecified error'))],
    ['words nobody knows', failed(said('Moon in the wrong phase'))],
    ['a refusal that another program talks about', failed('mail: Invalid qos specification\n')],
    [
      'no configuration',
      failed(
        'sbatch: error: fetch_config: DNS SRV lookup failed\nsbatch: fatal: Could not establish a configuration source\n',
      ),
    ],
    ['nothing at all', failed('')],
    ['no id, and all well', ran({ stdout: 'Welcome\n' })],
    ['several ids', ran({ stdout: '12\n13\n' })],
    ['killed for its time', ran({ exitCode: null, timedOut: true })],
    ['a refusal, but killed', ran({ exitCode: null, signal: 'SIGKILL', stderr: said('Invalid qos specification') })],
    ['a refusal, but all well', ran({ stderr: said('Invalid qos specification') })],
  ])('unknown: %s', (_name, facts) => {
    const answer = judgeSubmission(facts);
    expect(answer.kind).toBe('unknown');
    expect(answer.kind === 'unknown' && answer.words).not.toBe('');
  });

  it.each(['ENOENT', 'EACCES', 'E2BIG'])('not run: %s', (spawnError) => {
    expect(judgeSubmission(ran({ exitCode: null, spawnError }))).toEqual({ kind: 'not_run', words: spawnError });
  });
});

describe('judgeTestOnly', () => {
  it('reads the script from standard input', () => {
    expect(testOnlyArgv('/p')).toEqual(['sbatch', '--test-only', '--chdir=/p', '--export=ALL']);
  });
  it.each([
    ['22.05', 'sbatch: Job 21 to start at 2026-11-24T11:06:14 using 1 processors on nodes n2 in partition main\n'],
    ['20.11', 'sbatch: Job 21 to start at 2026-11-24T11:06:14 using 1 processors on n2 in partition main\n'],
  ])('says when and where (%s)', (_version, stderr) => {
    expect(judgeTestOnly(ran({ stderr }))).toEqual({
      kind: 'accepted',
      words: 'would start at 2026-11-24T11:06:14 on n2 in partition main, with 1 processors',
      start_at: '2026-11-24T11:06:14',
      processors: 1,
      nodes: 'n2',
      partition: 'main',
    });
  });
  it('says why not, with what to change', () => {
    expect(judgeTestOnly(failed('allocation failure: Requested node configuration is not available\n'))).toMatchObject({
      kind: 'refused',
      words: 'allocation failure: Requested node configuration is not available',
      advice: { pointer: '/compute/partition' },
    });
  });
  it('knows when nobody answered', () => {
    expect(
      judgeTestOnly(failed('allocation failure: Unable to contact slurm controller (connect failure)\n')).kind,
    ).toBe('no_answer');
    expect(judgeTestOnly(ran({ exitCode: null, timedOut: true })).kind).toBe('no_answer');
    expect(judgeTestOnly(ran({})).kind).toBe('no_answer');
  });
});

describe('adviceOnReason', () => {
  it.each([
    ['InvalidAccount', '/compute/account'],
    ['InvalidQOS', '/compute/qos'],
    ['PartitionTimeLimit', '/compute/time'],
    ['PartitionNodeLimit', '/compute/nodes'],
    ['PartitionDown', '/compute/partition'],
    ['QOSMaxCpuPerJobLimit', '/compute/cpus'],
    ['QOSMaxMemoryPerJob', '/compute/memory'],
    ['AssocMaxNodePerJobLimit', '/compute/nodes'],
    ['QOSMaxWallDurationPerJobLimit', '/compute/time'],
    ['QOSMaxGRESPerJob', '/compute/gpu_type'],
    ['BadConstraints', null],
    ['', null],
  ])('%s', (reason, pointer) => {
    expect(adviceOnReason(reason)?.pointer ?? null).toBe(pointer);
  });
  it('names what is counted, and whose limit it is', () => {
    const { message } = adviceOnReason('QOSMaxCpuPerJobLimit') ?? { message: '' };
    for (const word of ['ntasks', 'cpus', 'QOS', 'sacctmgr show qos']) expect(message).toContain(word);
  });
});
