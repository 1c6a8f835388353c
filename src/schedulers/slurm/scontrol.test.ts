import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import type { Ran } from './answer.ts';
import { judgeHeld, judgeShown, parseShownJob, releaseArgv, scancelArgv, showJobArgv } from './scontrol.ts';

// Output of 22.05.8 for a held job, apart from names of the machine.
const HELD =
  'JobId=25 JobName=autolab-r1-abc UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=0 Nice=0 Account=research QOS=normal JobState=PENDING Reason=JobHeldUser Dependency=(null) Requeue=0 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:00 TimeLimit=00:10:00 TimeMin=N/A SubmitTime=2026-11-24T11:06:56+0000 EligibleTime=Unknown AccrueTime=Unknown StartTime=Unknown EndTime=Unknown Deadline=N/A SuspendTime=None SecsPreSuspend=0 LastSchedEval=2026-11-24T11:06:56+0000 Scheduler=Main Partition=main AllocNode:Sid=localhost:4700 ReqNodeList=(null) ExcNodeList=(null) NodeList= NumNodes=1 NumCPUs=1 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* TRES=cpu=1,mem=200M,node=1,billing=1 Socks/Node=* Features=(null) Network=(null) Command=/a%b c|d/JobState=FAILED ok.sh WorkDir=/a%b c|d StdErr=/a%%b c|d/logs/slurm-25.err StdIn=/dev/null StdOut=/a%%b c|d/logs/slurm-25.out Power= \n';
const job = {
  jobId: '25',
  key: 'autolab-r1-abc',
  chdir: '/a%b c|d',
  script: '/a%b c|d/JobState=FAILED ok.sh',
};
const shown = (...changes: (readonly [string, string])[]): Ran =>
  ran({ stdout: changes.reduce((text, [from, to]) => text.replace(from, to), HELD) });

describe('the calls', () => {
  it('take ids only', () => {
    expect(showJobArgv('25')).toEqual(['scontrol', 'show', 'job', '25', '-o']);
    expect(releaseArgv('25')).toEqual(['scontrol', 'release', '25']);
    expect(scancelArgv('25', 'a b')).toEqual(['scancel', '--name=a b', '25']);
    expect(scancelArgv('25', null)).toEqual(['scancel', '25']);
    expect(() => scancelArgv('--me', null)).toThrow('not a job id');
    for (const argv of [showJobArgv, releaseArgv]) expect(() => argv('--me')).toThrow('not a job id');
  });
});

describe('parseShownJob', () => {
  it('takes values with spaces, and the first of two equal keys', () => {
    const fields = parseShownJob(`Welcome\n${HELD}`, '25');
    expect(fields).toMatchObject({
      JobState: 'PENDING',
      WorkDir: '/a%b c|d',
      TRES: 'cpu=1,mem=200M,node=1,billing=1',
      NodeList: '',
    });
  });
  it('does not take another job for it', () => {
    expect(parseShownJob(HELD, '2')).toBeNull();
    expect(parseShownJob('', '25')).toBeNull();
  });
});

describe('judgeHeld', () => {
  it.each([
    ['by the user', shown(), 'held'],
    ['before the reason is there', shown(['JobHeldUser', 'None']), 'held'],
    ['by the administrator', shown(['JobHeldUser', 'JobHeldAdmin']), 'held_by_admin'],
    ['after a failed launch', shown(['JobHeldUser', 'launch_failed_requeued_held']), 'held_by_admin'],
    ['because it cannot be had', shown(['JobHeldUser', 'BadConstraints']), 'held_by_admin'],
    ['let go by the site', shown(['Priority=0', 'Priority=4294901757'], ['JobHeldUser', 'Resources']), 'not_held'],
    ['running', shown(['PENDING', 'RUNNING'], ['JobHeldUser', 'None']), 'not_held'],
    ['completing', shown(['PENDING', 'COMPLETING'], ['JobHeldUser', 'None']), 'not_held'],
    ['renamed', shown(['autolab-r1-abc', 'site-autolab-r1-abc']), 'renamed'],
    [
      'renamed, and ended',
      shown(['autolab-r1-abc', 'x'], ['PENDING', 'COMPLETED'], ['JobHeldUser', 'None']),
      'renamed',
    ],
    // After a crash of the controller, another user's job got the id.
    ['of another name and script', shown(['autolab-r1-abc', 'x'], ['ok.sh', 'no.sh']), 'other_job'],
    ['of another name and folder', shown(['autolab-r1-abc', 'x'], ['WorkDir=/a%b', 'WorkDir=/b']), 'other_job'],
    ['a task that is not known', ran({ exitCode: 1, stdout: 'Job 25_4 not found\n' }), 'gone'],
    ['cancelled', shown(['PENDING', 'CANCELLED'], ['JobHeldUser', 'None']), 'gone'],
    ['forgotten', ran({ exitCode: 1, stderr: 'slurm_load_jobs error: Invalid job id specified\n' }), 'gone'],
    [
      'no controller',
      ran({ exitCode: 1, stderr: 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n' }),
      'no_answer',
    ],
    ['no text', ran({}), 'no_answer'],
    ['no answer in time', ran({ exitCode: null, timedOut: true }), 'no_answer'],
  ])('%s', (_name, facts, kind) => {
    const held = judgeHeld(facts, job);
    expect(held.kind).toBe(kind);
    expect(held.words).not.toBe('');
  });
  it('says whether a renamed job is held', () => {
    expect(judgeHeld(shown(['autolab-r1-abc', 'x']), job)).toEqual({
      kind: 'renamed',
      held: true,
      name: 'x',
      words: 'PENDING, JobHeldUser, and its name is now x',
    });
  });
});

describe('judgeShown', () => {
  const ended = (state: string, exit: string): Ran =>
    shown(
      ['PENDING', state],
      ['JobHeldUser', 'NonZeroExitCode'],
      ['ExitCode=0:0', `ExitCode=${exit}`],
      ['RunTime=00:00:00', 'RunTime=00:01:05'],
      ['StartTime=Unknown', 'StartTime=2026-11-24T12:07:00+0100'],
      ['EndTime=Unknown', 'EndTime=2026-11-24T11:08:05+0000'],
      ['NodeList= ', 'NodeList=n1 '],
      ['Restarts=0', 'Restarts=2'],
    );
  it('reads the end that the controller remembers', () => {
    expect(judgeShown(ended('FAILED', '3:0'), job)).toMatchObject({
      kind: 'ended',
      words: 'FAILED, exit code 3:0',
      end: {
        source: 'scontrol',
        state: 'FAILED',
        exitCode: '3:0',
        reason: 'NonZeroExitCode',
        elapsedSeconds: 65,
        timeLimitSeconds: 600,
        nodes: 'n1',
        startedAt: '2026-11-24T11:07:00.000Z',
        endedAt: '2026-11-24T11:08:05.000Z',
        restarts: 2,
        maxRss: null,
      },
    });
  });
  it.each([
    ['a held job', shown(), 'active'],
    ['a completing one', ended('COMPLETING', '0:0'), 'active'],
    ['a state that nobody knows', ended('EATEN', '0:0'), 'ended'],
    ['a job that somebody renamed', shown(['autolab-r1-abc', 'x']), 'active'],
    ['a job of another name and script', shown(['autolab-r1-abc', 'x'], ['ok.sh', 'no.sh']), 'forgotten'],
    ['a job of another name and folder', shown(['autolab-r1-abc', 'x'], ['WorkDir=/a%b', 'WorkDir=/b']), 'forgotten'],
    ['an unknown job', ran({ exitCode: 1, stderr: 'slurm_load_jobs error: Invalid job id specified\n' }), 'forgotten'],
    [
      'no controller',
      ran({ exitCode: 1, stderr: 'slurm_load_jobs error: Socket timed out on send/recv operation\n' }),
      'no_answer',
    ],
  ])('%s', (_name, facts, kind) => {
    expect(judgeShown(facts, job).kind).toBe(kind);
  });
});
