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
  // The texts without a version are output of 22.05.8.
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

  it("keeps Slurm's own words", () => {
    const stderr = `Welcome to login7\nsbatch: error: invalid partition specified: nope\n${said('Invalid partition name specified')}`;
    expect(judgeSubmission(failed(stderr))).toMatchObject({
      words: 'invalid partition specified: nope; Batch job submission failed: Invalid partition name specified',
    });
  });

  // Output of 22.05.8 for a job_submit.lua and a cli_filter.lua. A site's own words prove nothing, whatever they
  // resemble.
  const plugin = (text: string, verdict: string): string =>
    text
      .split('\n')
      .map((line) => `sbatch: error: ${line}\n`)
      .join('') + said(verdict);
  const SUSPENDED = 'Your project is temporarily suspended: over quota.\nPlease try again after the 1st.';
  it.each([
    ['suspended', plugin(SUSPENDED, 'Unspecified error'), null],
    ['a time-out of its own', plugin('Connection to the project database timed out', 'Access/permission denied'), null],
    [
      'any word of another answer',
      plugin('Authentication by gres: reservation, node name, try again', 'Unspecified error'),
      null,
    ],
    ['a word of another field', plugin('Your reservation is not paid', 'Invalid qos specification'), '/compute/qos'],
    [
      "a wrong field's sentence in prose",
      plugin('We say "Invalid account" if no account is given', 'Unspecified error'),
      null,
    ],
    ['a number that is none of Slurm', plugin('Unable to contact your PI', 'Unknown error 99999'), null],
    ['a negative number', plugin('retrying is of no use', 'Unknown negative error number'), null],
    ['return 1', plugin('Unable to contact your PI', 'Operation not permitted'), null],
    ['a frame around its words', plugin('**********\nPlease try again later\n**********', 'Unspecified error'), null],
    [
      'cli_filter, an error',
      'sbatch: error: lua: The queue is full, try again later\nsbatch: error: cli_filter plugin terminated with error\n',
      null,
    ],
    [
      'cli_filter, information',
      'sbatch: lua: Plain words, timed out\nsbatch: error: cli_filter plugin terminated with error\n',
      null,
    ],
    ['cli_filter without words', 'sbatch: error: cli_filter plugin terminated with error\n', null],
    [
      'another program beside it, over ssh',
      `ssh: the connection is temporarily slow, retrying\nKerberos authentication: try again\n${said('Invalid qos specification')}`,
      '/compute/qos',
    ],
    [
      'a wrapper around the real sbatch',
      'sbatch.real: error: No project.\nsbatch.real: error: Batch job submission failed: Unspecified error\n',
      null,
    ],
  ])('refused by the site: %s', (_name, stderr, pointer) => {
    const answer = judgeSubmission(failed(stderr));
    expect(answer).toMatchObject({ kind: 'refused' });
    expect(answer.kind === 'refused' && (answer.advice?.pointer ?? null)).toBe(pointer);
  });

  it.each([
    [
      plugin(SUSPENDED, 'Unspecified error'),
      'Your project is temporarily suspended: over quota.; Please try again after the 1st.',
    ],
    [plugin('*****\nNo project.\n*****', 'Unspecified error'), 'No project.'],
    [
      plugin('No project.', 'Access/permission denied'),
      'No project.; Batch job submission failed: Access/permission denied',
    ],
    [
      'sbatch: lua: Ask us first.\nsbatch: error: cli_filter plugin terminated with error\n',
      'Ask us first.; cli_filter plugin terminated with error',
    ],
    [
      'sbatch: unrecognized option \'--bogus\'\nTry "sbatch --help" for more information\n',
      "unrecognized option '--bogus'",
    ],
  ])("keeps the site's words: %j", (stderr, words) => {
    expect(judgeSubmission(failed(stderr))).toMatchObject({ kind: 'refused', words });
  });

  it.each([
    ['the site takes no more', plugin('later', 'Resource temporarily unavailable'), 'not_submitted'],
    [
      'it is busy, and a plugin explains',
      plugin('a busy day\nSlurm temporarily unable to accept job, sleeping and retrying', 'Unspecified error'),
      'not_submitted',
    ],
    [
      'munge is away',
      plugin(
        'Munge encode failed: Failed to access socket\nslurm_send_node_msg: auth_g_create: failed',
        'Protocol authentication error',
      ),
      'not_submitted',
    ],
    ['the controller drops calls (24.05)', said('Rate limit exceeded, please retry later'), 'not_submitted'],
    ['no controller', said('Unable to contact slurm controller (connect failure)'), 'not_submitted'],
    ['only the client speaks', plugin('slurm_receive_msg: something happened', 'Unspecified error'), 'refused'],
    ['an error without words', said('Unspecified error'), 'refused'],
    ['words nobody knows', said('Moon in the wrong phase'), 'refused'],
  ])('leaves open, and says what it means if there is no job: %s', (_name, stderr, ifNone) => {
    expect(judgeSubmission(failed(stderr))).toMatchObject({ kind: 'unknown', ifNone });
  });

  it('an id that should be there and is not is lost', () => {
    for (const stdout of ['', 'Welcome\n', '12\n13\n'])
      expect(judgeSubmission(ran({ stdout }))).toMatchObject({ kind: 'unknown', ifNone: 'lost' });
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
  it("distinguishes the site's own words from an answer that was lost", () => {
    const words = 'Your project is temporarily suspended.; Please try again after the 1st.';
    const lines = words.split('; ').map((line) => `sbatch: error: ${line}\n`);
    expect(judgeTestOnly(failed(`${lines.join('')}allocation failure: Unspecified error\n`))).toEqual({
      kind: 'refused',
      words,
      advice: null,
    });
    const filtered =
      'sbatch: error: lua: Not now, retrying does not help\nsbatch: error: cli_filter plugin terminated with error\n';
    expect(judgeTestOnly(failed(filtered)).kind).toBe('refused');
    expect(judgeTestOnly(failed('allocation failure: Socket timed out on send/recv operation\n')).kind).toBe(
      'no_answer',
    );
    // A plugin that lets the job pass can print messages, too.
    const passed =
      'sbatch: Job 7 to start at noon, or later\nsbatch: Job 21 to start at 2026-11-24T11:06:14 using 1 processors on nodes n2 in partition main\n';
    expect(judgeTestOnly(ran({ stderr: passed }))).toMatchObject({ kind: 'accepted', nodes: 'n2' });
  });
  it('recognizes a missing answer', () => {
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
  it('is given for a reason of Slurm, not for a word in prose', () => {
    for (const prose of ['reservation needed', 'the gres of this node', 'Invalid account (see our pages)'])
      expect(adviceOnReason(prose)).toBeNull();
  });
  it('names what is counted, and whose limit it is', () => {
    const { message } = adviceOnReason('QOSMaxCpuPerJobLimit') ?? { message: '' };
    for (const word of ['ntasks', 'cpus', 'QOS', 'sacctmgr show qos']) expect(message).toContain(word);
  });
});
