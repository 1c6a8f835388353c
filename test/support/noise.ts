import { size } from './campaign.ts';
import { mutate } from './mutations.ts';

/** What a command may print in place of its answer: seeded. */

/** Answers as they should be, of the commands that autolab asks. */
const ANSWERS: Readonly<Record<string, string>> = {
  sbatch: '4242\n',
  'sbatch on a cluster': '4242;alpha\n',
  'sbatch, refused':
    'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n',
  'sbatch --test-only':
    'sbatch: Job 7 to start at 2026-11-24T10:54:28 using 2 processors on nodes n1 in partition main\n',
  squeue: '4242|RUNNING|1:05|2026-11-24T10:54:28+0000|1|n1|None\n',
  'squeue by name': '4242|PENDING|autolab-r1-abc|/home/user/project\n',
  'squeue, copies': '4242|PENDING|autolab-r1-abc|/home/user/project|/home/user/project/run.sbatch\n',
  sacct:
    'JobID|JobName|Submit|Start|End|State|ExitCode|DerivedExitCode|Elapsed|Timelimit|TotalCPU|AllocCPUS|ReqMem|MaxRSS|NodeList|Partition|QOS\n' +
    '4242|autolab-r1-abc|2026-11-24T10:54:28|2026-11-24T10:54:29|2026-11-24T10:55:29|COMPLETED|0:0|0:0|00:01:00|00:05:00|00:30.000|1|1G||n1|main|normal\n' +
    '4242.batch|batch|2026-11-24T10:54:29|2026-11-24T10:54:29|2026-11-24T10:55:29|COMPLETED|0:0||00:01:00||00:30.000|1||2048K|n1||\n',
  'scontrol show job':
    'JobId=4242 JobName=autolab-r1-abc UserId=u(1) Priority=0 JobState=PENDING Reason=JobHeldUser Dependency=(null) Restarts=0 ExitCode=0:0 RunTime=00:00:00 TimeLimit=00:05:00 SubmitTime=2026-11-24T10:54:28+0000 Command=/home/user/project/run.sbatch WorkDir=/home/user/project\n',
  'scontrol show config':
    'Configuration data as of 2026-11-24T11:00:00\nClusterName             = alpha\nMinJobAge               = 300 sec\n',
  'squeue, failed': 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n',
  hostname: 'login1\n',
  sinfo: 'slurm 22.05.8\n',
  'rsync --info=progress2': '     10,485,760  50%   10.53MB/s    0:00:12 (xfr#1, to-chk=1/2)\r',
  'far facts':
    'host login1\ntime 1700000000\nexists yes\nbase /home/user/runs\nwritable yes\nfree_kib 1000000\ntool git\nvariable PATH\n',
  'far look': 'answer NDI0MgowCg== \nknown 123-45\nsmall claim e30=\ngrown 0 bG9ncy94 YWJj\n',
  'git status': `# branch.oid ${'a'.repeat(40)}\0# branch.head main\0 1 .M N... 100644 100644 100644 a b file\0? new\0`,
  slurmstepd:
    'slurmstepd: error: Detected 1 oom_kill event in StepId=4242.batch. Some of the step tasks have been OOM Killed.\n',
  'progress of a run': 'epoch 3/10\nstep 100/1000\n37%\n',
  ssh: 'ssh: connect to host login1 port 22: Connection refused\n',
};

/** As much as is kept of an answer; less shows the same, but for a smaller factor. */
const BYTES = size(1024 * 1024, 256 * 1024);

function repeated(text: string): string {
  return text.repeat(Math.ceil(BYTES / text.length)).slice(0, BYTES);
}

/** Made to be slow: the beginnings of patterns, over and over, and never the end. */
const SLOW: readonly string[] = [
  ' ',
  '\t ',
  '\n',
  '\r\n \r\n',
  'ClusterName = ',
  'ClusterName' + ' '.repeat(5000),
  'ClusterName =\n',
  'Job 1 to start at ',
  'Job 1 to start at x using 1 processors on ',
  'sbatch: Job 1 to start at x using 1 processors on nodes ',
  'sbatch: QOSMax',
  'sbatch: AssocGrpQOSMax',
  'sbatch: error: ',
  'Submitted batch job 1 ',
  'Submitted batch job 1\n1\n2\n33;x\n',
  '4242|RUNNING|',
  '|',
  '4242|\n',
  'JobID|',
  'JobID|State\n4242_1|FAILED\n4242_2.batch|X\n',
  'JobId=4242 ',
  'JobId=4242 A=',
  'A ',
  'Aa',
  ' A= ',
  'a b\n',
  'variable x\n',
  'small x \n',
  'grown 0 x x\n',
  'slurmstepd: error: memory usage ',
  'slurmstepd: *** JOB 4242 ',
  'epochs ',
  'epoch 1 of ',
  '1 ',
  '1,',
  '12.5% ',
  'error: ',
  'timed out ',
  'a://',
  '@',
  '?token',
  '\\',
  '\0',
  '\u001b[31m',
];

const PORTAL = `HTTP/1.1 302 Found\r\nLocation: http://portal.example.org/\r\n\r\n<!DOCTYPE html><html><head><title>Sign in</title><script>alert(1)</script></head><body>Please accept the terms.</body></html>\n`;

const WORDS: readonly string[] = [
  '',
  '\n',
  ' ',
  PORTAL,
  '{"error": "session expired", "job_id": 4242}\n',
  '[]\n',
  'null\n',
  'sbatch: Fehler: Batch-Job-Übermittlung fehlgeschlagen: Ungültiges Konto\n',
  'sbatch: エラー: 無効なアカウント\n',
  'squeue: erreur : délai d’attente dépassé\n',
  '\u001b[2J\u001b[H\u001b]0;owned\u0007\u001b[31m4242\u001b[0m\n',
  '\u202e4242\u202c\n',
  '4242\u00004243\n',
  '４２４２\n',
  '-1\n',
  '0\n',
  '00042\n',
  '99999999999999999999\n',
  '1e3\n',
  'NaN\n',
  'command not found\n',
  '********\n* Maintenance on Friday. Job 17 was cancelled. *\n********\n',
];

export interface Noise {
  readonly how: string;
  readonly bytes: Buffer;
}

/** One answer that is none, or hardly. */
export function noise(random: () => number): Noise {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const kind = random();
  if (kind < 0.55) {
    const [name, answer] = pick(Object.entries(ANSWERS));
    const { how, bytes } = mutate(answer, random);
    return { how: `${name}, ${how}`, bytes: bytes.subarray(0, BYTES) };
  }
  if (kind < 0.75) return { how: 'words', bytes: Buffer.from(pick(WORDS)) };
  if (kind < 0.85) {
    const [name, answer] = pick(Object.entries(ANSWERS));
    return { how: `${name} in a banner`, bytes: Buffer.from(`${pick(WORDS)}${answer}${pick(WORDS)}`) };
  }
  if (kind < 0.92) {
    const length = Math.floor(random() * 5000);
    return { how: 'bytes', bytes: Buffer.from(Array.from({ length }, () => Math.floor(random() * 256))) };
  }
  if (kind < 0.96) return { how: 'UTF-16', bytes: Buffer.from(pick(Object.values(ANSWERS)), 'utf16le') };
  const text = pick(SLOW);
  return { how: `much of ${JSON.stringify(text.slice(0, 50))}`, bytes: Buffer.from(repeated(text)) };
}

/** All that is made to be slow: for every parser. */
export function slowOnes(): readonly Noise[] {
  return SLOW.map((text) => ({
    how: `much of ${JSON.stringify(text.slice(0, 50))}`,
    bytes: Buffer.from(repeated(text)),
  }));
}
