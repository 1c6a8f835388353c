import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { slurmDesign } from '../../test/support/slurm-scripts.ts';
import type { Compute } from '../project/design.ts';
import { isSlurmScript, lintSlurmScript, type SlurmLintOptions } from './slurm-lint.ts';
import { SLURM_PROLOGUE } from './slurm-prologue.ts';
import { renderSlurmScript } from './slurm-script.ts';

const FILE = 'experiments/iter1/launch/run_slurm.sbatch';
const ACTIVATION = 'source venv/bin/activate\n';
const DESIGN = slurmDesign(['node', 'train.mjs', '--out', '{{run_dir}}/a b'], {
  cpus: 2,
  gpu_count: 1,
  partition: 'gpu',
});
const OPTIONS: SlurmLintOptions = { maxLines: 120, design: DESIGN, activation: ACTIVATION };
const ENTRYPOINT = 'node train.mjs --out "$AUTOLAB_RUN_DIR/a b"';
const RUN = `autolab_run ${ENTRYPOINT}`;
const HEADER = `#SBATCH -J mine
#SBATCH -o experiments/iter1/runs/any/logs/%x-%j.out --error experiments/iter1/runs/any/logs/%x-%j.err
#SBATCH --time=30 --mem=4096   # as approved
#SBATCH -c2 --gres=gpu:1
#SBATCH -p gpu
`;
const BY_HAND = `#!/bin/bash
# Mine.
${HEADER}set -euo pipefail
${SLURM_PROLOGUE}${ACTIVATION}${RUN}
`;

const lint = (text: string, options: SlurmLintOptions = OPTIONS): string[] =>
  lintSlurmScript(text, FILE, options).map(
    ({ line, column, severity, message }) => `${String(line)}:${String(column)} ${severity} ${message}`,
  );
const withHeader = (change: (header: string) => string): string => BY_HAND.replace(HEADER, change);
const withLine = (line: string): string => withHeader((header) => `${header}${line}\n`);
const withCompute = (compute: Partial<Compute>): SlurmLintOptions => ({
  ...OPTIONS,
  design: { ...DESIGN, compute: { ...DESIGN.compute, ...compute } },
});

describe('lintSlurmScript', () => {
  it('finds nothing in a rendered script and in a good one written by hand', () => {
    expect(lint(renderSlurmScript({ design: DESIGN, activation: ACTIVATION, python: 'python3', runId: 'r1' }))).toEqual(
      [],
    );
    expect(lint(BY_HAND)).toEqual([]);
  });

  it('finds nothing in the golden files', () => {
    const folder = new URL('../../test/fixtures/scripts/', import.meta.url);
    const files = readdirSync(folder);

    expect(files.length).toBeGreaterThan(4);
    for (const name of files)
      expect(lintSlurmScript(readFileSync(new URL(name, folder), 'utf8'), name, { maxLines: 120 })).toEqual([]);
  });

  it.each([
    ['no #!', BY_HAND.replace('#!/bin/bash\n', ''), /^1:1 error line 1 must start bash/],
    ['a byte order mark', `\uFEFF${BY_HAND}`, /^1:1 error .*begins with a byte order mark/],
    ['CR LF', BY_HAND.replaceAll('\n', '\r\n'), /^1:12 error the line ends in CR LF/],
    ['NUL', BY_HAND.replace('Mine', 'Mi\0ne'), /^2:5 error there is a NUL/],
    [
      'a literal placeholder',
      BY_HAND.replace('runs/any/logs/%x-%j.out', 'runs/<RUN_ID>/logs/%j.out'),
      /^4:35 error <RUN_ID> was not filled in/,
    ],
    [
      'no strict mode',
      BY_HAND.replace('set -euo pipefail\n', ''),
      /^9:1 error the first command must be `set -euo pipefail`/,
    ],
    [
      'a command before strict mode',
      withLine('module purge'),
      /^8:1 error the first command must be .* but is "module purge".*move it here from line 9/,
    ],
    [
      'no prologue',
      BY_HAND.replace(SLURM_PROLOGUE, ''),
      /^9:1 error the prologue is missing.*`autolab lint-script --prologue slurm` prints it/,
    ],
    ['a changed prologue', BY_HAND.replace('-ef', '-nt'), /^\d+:1 error the prologue was changed/],
    ['no activation', BY_HAND.replace(ACTIVATION, ''), /error the runtime environment is not activated/],
    [
      'no entrypoint',
      BY_HAND.replace('train.mjs', 'other.mjs'),
      /error the design's entrypoint is not run; write: autolab_run node train\.mjs --out/,
    ],
    ['exec', BY_HAND.replace(RUN, `exec -- ${RUN}`), /^\d+:1 error the entrypoint is run with `exec`: .*receipt/],
    ['exec behind another', BY_HAND.replace(RUN, `nice exec ${RUN}`), /run with `exec`/],
    ['no wrapper', BY_HAND.replace(RUN, ENTRYPOINT), /^\d+:1 error the entrypoint is not started with `autolab_run`/],
    [
      'the wrapper behind srun',
      BY_HAND.replace(RUN, `srun --ntasks=1 -- autolab_run ${ENTRYPOINT}`),
      /not started with `autolab_run`/,
    ],
    [
      'srun without the number of tasks',
      BY_HAND.replace(RUN, `autolab_run srun --export=ALL -- ${ENTRYPOINT}`),
      /srun without --ntasks starts a task on every processor .*write: srun --ntasks=1/,
    ],
    [
      'srun without --',
      BY_HAND.replace(RUN, `autolab_run srun -n1 ${ENTRYPOINT}`),
      /write `--` between the options of srun and the entrypoint/,
    ],
    ['a pipeline', BY_HAND.replace(RUN, `${RUN} |& tee x # a & b`), /run in a pipeline/],
    ['the background', BY_HAND.replace(RUN, `${RUN} &`), /^\d+:1 error the entrypoint is run in the background/],
    [
      'the background, with output elsewhere',
      BY_HAND.replace(RUN, `${RUN} > "$AUTOLAB_RUN_DIR/x" 2>&1 & # quick\nwait`),
      /in the background/,
    ],
    [
      'a trap of its own',
      BY_HAND.replace(RUN, `trap 'rm -rf /tmp/x' EXIT\n${RUN}`),
      /^\d+:1 error this trap would replace the one that writes receipt/,
    ],
    ['a trap that is taken away', BY_HAND.replace(RUN, `  trap - 0; true\n${RUN}`), /this trap would replace/],
  ])('%s', (_, text, expected) => {
    expect(text).not.toBe(BY_HAND);
    const found = lint(text).filter((line) => !/is activated before the prologue/.test(line));

    expect(found).toContainEqual(expect.stringMatching(expected));
    expect(found.length).toBeLessThanOrEqual(2);
  });

  it.each([
    `autolab_run srun --export=ALL --ntasks=1 -- ${ENTRYPOINT}`,
    `autolab_run srun -n 1 -- ${ENTRYPOINT}`,
    `AUTOLAB_TASKS=1 autolab_run mpirun -n 2 ${ENTRYPOINT}`,
    `time ${RUN} > "$AUTOLAB_RUN_DIR/logs/x" 2>&1`,
    `${RUN} &> x && echo done`,
    `${RUN} >| x 2>&1 || exit 4 # a & b | c`,
    `${RUN}\ntrap 'echo term' TERM`,
    `if ! ${RUN}; then echo failed >&2; exit 3; fi`,
    `if [ -d data ]; then\n  ${RUN}\nelse exit 3; fi`,
  ])('takes %s', (command) => {
    expect(lint(BY_HAND.replace(RUN, () => command))).toEqual([]);
  });

  it('wants as many starts as the design asks for', () => {
    const two = withCompute({ ntasks: 2 });
    const script = (line: string): string => withLine('#SBATCH --ntasks=2').replace(RUN, line);

    expect(lint(script(RUN), two)).toEqual([expect.stringContaining('the design asks for 2 tasks')]);
    expect(lint(script(`autolab_run srun --ntasks=2 -- ${ENTRYPOINT}`), two)).toEqual([]);
    expect(lint(script(`AUTOLAB_TASKS=1 autolab_run mpirun ${ENTRYPOINT}`), two)).toEqual([]);
  });

  it('lets the entrypoint itself set a trap, on lines of its own, too', () => {
    const design = slurmDesign(['bash', '-c', 'true\ntrap x EXIT\nfalse & wait']);
    const script = renderSlurmScript({ design, activation: ACTIVATION, python: 'python3', runId: 'r1' });

    expect(lint(script, { ...OPTIONS, design })).toEqual([]);
  });

  it('counts lines against the budget (R25)', () => {
    const long = `${BY_HAND}${'# more\n'.repeat(120)}`;

    expect(lintSlurmScript(long, FILE, OPTIONS)).toMatchObject([{ line: 121, code: 'script.too_long' }]);
  });

  it('does not let `:` reach srun, which would begin another job there', () => {
    const design = slurmDesign(['sh', 'x', ':', 'y'], { ntasks: 2 });
    const of = (compute: Partial<Compute>): string[] => {
      const one = { ...design, compute: { ...design.compute, ...compute } };
      return lint(renderSlurmScript({ design: one, activation: ACTIVATION, python: 'python3', runId: 'r1' }), {
        ...OPTIONS,
        design: one,
      });
    };

    expect(of({})).toEqual([
      expect.stringContaining('is `:` alone, which srun takes for the beginning of another job'),
    ]);
    expect(of({ ntasks: 1 })).toEqual([]);
  });
});

describe('required options', () => {
  it.each([
    ['-J mine', 'job-name=autolab-iter1'],
    ['-o experiments/iter1/runs/any/logs/%x-%j.out', 'output=experiments/iter1/runs/any/logs/slurm-%j.out'],
    ['--error experiments/iter1/runs/any/logs/%x-%j.err', 'error=experiments/iter1/runs/any/logs/slurm-%j.err'],
    ['--time=30', 'time=00:30:00'],
    ['--mem=4096', 'mem=4G'],
  ])('%s', (written, line) => {
    const text = BY_HAND.replace(written, '');

    expect(lint(text)).toEqual([`8:1 error \`--${line.split('=')[0] ?? ''}\` is missing; write: #SBATCH --${line}`]);
    expect(lint(text, { maxLines: 120 })).toHaveLength(1);
  });

  it.each(['--mem-per-cpu=2G', '--mem-per-gpu=4G'])('%s does not stand for --mem', (option) => {
    const name = option.split('=')[0] ?? '';
    expect(lint(BY_HAND.replace('--mem=4096', option))).toEqual([
      `5:19 error \`${name}\` contradicts \`compute.memory\` of the design; write: #SBATCH --mem=4G`,
    ]);
    expect(lint(BY_HAND.replace('--mem=4096', option), { maxLines: 120 })).toEqual([]);
  });

  it.each([
    '--output=logs/x.out',
    '--error=/elsewhere/runs/r1/x.err',
    '-o experiments/iter1/runs/r1/logs/',
    '-o "experiments/iter1/runs/r1/logs/\\\\%j"',
  ])('logs lie under runs/…/logs: %s', (option) => {
    expect(lint(withLine(`#SBATCH ${option}`))).toEqual([
      expect.stringMatching(/^8:9 error `--(output|error)` must name a file under runs\/…\/logs\/; write: #SBATCH --/),
    ]);
  });
});

describe('what the design says', () => {
  it.each([
    ['--time=31', /`--time` says "31", but the approved design says otherwise; write: #SBATCH --time=00:30:00/],
    ['--time=soon', /`--time` says "soon"/],
    ['--mem=5G', /`--mem` says "5G", .* write: #SBATCH --mem=4G/],
    ['-c 3', /`--cpus-per-task` says "3", .* write: #SBATCH --cpus-per-task=2/],
    ['--partition=other', /`--partition` says "other", .* write: #SBATCH --partition=gpu/],
    ['--qos=high', /`--qos` is not in the approved design; remove it, or set `compute.qos` there/],
    ['-A lab', /`--account` is not in the approved design/],
    ['-C nvme', /`--constraint` is not in the approved design/],
    ['-N 2', /`--nodes` is not in the approved design/],
    ['-n 2', /`--ntasks` is not in the approved design/],
    ['-x n1', /`--exclude` is not in the approved design/],
    ['--reservation=r', /`--reservation` is not in the approved design/],
    ['--nice', /`--nice` is not in the approved design/],
    [
      '--requeue',
      /`--requeue` contradicts the approved design .*`compute.requeue: false`.*write: #SBATCH --no-requeue/,
    ],
    ['--gres=gpu:2', /`--gres` requests other GPUs .* write: #SBATCH --gres=gpu:1/],
    ['--gres=gpu:a100:1', /`--gres` requests other GPUs/],
    ['-G 3', /`--gpus` requests other GPUs/],
  ])('is not what %s says', (option, expected) => {
    const found = lint(withLine(`#SBATCH ${option}`));

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^8:9 error /);
    expect(found[0]).toMatch(expected);
  });

  it.each([
    ['-c2 ', /the design sets `compute.cpus`, and the script does not; write: #SBATCH --cpus-per-task=2/],
    ['-p gpu', /the design sets `compute.partition`, .*write: #SBATCH --partition=gpu/],
    [
      '--gres=gpu:1',
      /the design sets `compute.gpu_count: 1`, and the script requests no GPUs; write: #SBATCH --gres=gpu:1/,
    ],
  ])('is missing without %s', (written, expected) => {
    expect(lint(BY_HAND.replace(written, ''))).toEqual([expect.stringMatching(expected)]);
  });

  it.each(['--partition', '--cpus-per-task 2'])('does not have what the script asks for: %s', (option) => {
    const name = option.split(' ')[0] ?? '';
    expect(lint(BY_HAND, withCompute({ partition: null, cpus: null }))).toContainEqual(
      expect.stringContaining(`\`${name}\` is not in the approved design`),
    );
  });

  it.each(['--gpus=1', '--gpus-per-node=1', '--gpus-per-task 1', '--gres=gpu', '--gres=shard:3,gpu:1', '-G1'])(
    'may be said as %s',
    (option) => {
      expect(lint(BY_HAND.replace('--gres=gpu:1', option))).toEqual([]);
    },
  );

  it('is of a node where there are several', () => {
    const options = withCompute({ nodes: 2 });
    const text = withLine('#SBATCH --nodes=2-2')
      .replace('--gres=gpu:1', '--gpus=1')
      .replace(RUN, () => `autolab_run srun --ntasks=2 -- ${ENTRYPOINT}`);

    expect(lint(text, options)).toEqual([expect.stringContaining('`--gpus` requests other GPUs')]);
    expect(lint(text.replace('--gpus=1', '--gpus-per-node=1'), options)).toEqual([]);
  });

  it('has the type of the GPUs', () => {
    const options = withCompute({ gpu_type: 'a100' });

    expect(lint(BY_HAND, options)).toEqual([expect.stringContaining('write: #SBATCH --gres=gpu:a100:1')]);
    expect(lint(BY_HAND.replace('gpu:1', 'gpu:a100:1'), options)).toEqual([]);
  });

  it('has no GPUs', () => {
    expect(lint(BY_HAND, withCompute({ gpu_count: 0 }))).toEqual([
      expect.stringContaining('`--gres` requests GPUs, and the approved design does not'),
    ]);
  });

  it('lets a job be requeued', () => {
    expect(lint(withLine('#SBATCH --requeue'), withCompute({ requeue: true }))).toEqual([]);
    expect(lint(withLine('#SBATCH --no-requeue'), withCompute({ requeue: true }))).toEqual([
      expect.stringContaining('`--no-requeue` contradicts the approved design'),
    ]);
  });

  it('counts as the last line says, as for sbatch', () => {
    expect(lint(withHeader((header) => `#SBATCH --time=99\n${header}`))).toEqual([]);
  });
});

describe('what breaks a launch', () => {
  it.each([
    ['--array=1-9', 'would run the experiment several times'],
    ['-a 1', 'would run the experiment several times'],
    ['-M other', 'could be submitted twice'],
    ['--cluster=other', 'could be submitted twice'],
    ['--wait', 'a job that is held'],
    ['-W', 'a job that is held'],
    ['--test-only', 'would submit nothing'],
    ['--wrap=true', 'another command'],
    ['--export-file=x', 'would replace the environment'],
    ['--time-min=1', 'less time than was approved'],
    ['--ntasks-per-node=4', 'more processors than were approved'],
    ['--tasks-per-node=4', 'more processors than were approved'],
    ['--mincpus=4', 'more processors than were approved'],
    ['--exclusive', 'whole nodes'],
    ['--uid=1', 'another user'],
    ['--deadline=now+1minute', 'before the time that was approved'],
  ])('%s', (option, expected) => {
    const found = lint(withLine(`#SBATCH ${option}`));

    expect(found).toEqual([expect.stringMatching(/^8:9 error .*; remove it$/)]);
    expect(found[0]).toContain(expected);
  });

  it.each(['--chdir=/tmp', '-D /tmp', '--export=NONE'])('%s is overruled, and only warned of', (option) => {
    expect(lint(withLine(`#SBATCH ${option}`))).toEqual([expect.stringMatching(/^8:9 warning .* has no effect: /)]);
  });

  it.each(['--hold', '--begin=now+1hour', '-d afterok:3', '--comment "a b"', '--mail-type END', '--parsable'])(
    'leaves %s alone',
    (option) => {
      expect(lint(withLine(`#SBATCH ${option}`))).toEqual([]);
    },
  );
});

describe('how sbatch reads', () => {
  it.each([
    [
      'a line behind a command',
      `${BY_HAND}#SBATCH --array=1-9\n`,
      /^\d+:1 error sbatch does not read this line, because a command precedes it/,
    ],
    [
      'a line with spaces before it',
      withLine('  #SBATCH --array=1-9'),
      /^8:1 error sbatch does not read this line, because it does not begin/,
    ],
    ['options of PBS', `${BY_HAND}#PBS -l walltime=1\n`, /^\d+:1 error sbatch takes options from `#PBS` lines, too/],
    ['options of LSF', withLine('#BSUB -W 1'), /^8:1 error sbatch takes options from `#BSUB` lines/],
    ['the old mark', withLine('#SLURM --array=1-9'), /^8:1 error sbatch takes options from `#SLURM` lines/],
    ['an open quote', withLine('#SBATCH --comment="a'), /^8:1 error a quote is opened and not closed/],
    [
      'a stray word',
      withLine('#SBATCH --hold word'),
      /^8:16 error "word" is not an option, and sbatch would refuse the script/,
    ],
    ['several jobs in one', withLine('#SBATCH hetjob'), /^8:9 error "hetjob" turns one job into several/],
    [
      'a short form of a name',
      withLine('#SBATCH --arr=1-9'),
      /^8:9 error `--arr` is short for `--array`; write it in full/,
    ],
    ['no value', withLine('#SBATCH --comment'), /^8:9 error `--comment` has no value/],
    ['an empty value', withLine('#SBATCH --qos='), /`--qos` has an empty value/],
  ])('%s', (_, text, expected) => {
    expect(lint(text)[0]).toMatch(expected);
  });

  it.each([
    ['quotes', `#SBATCH --job-name='a "b" #1' --comment="it's \\"x\\""`],
    ['a comment', '#SBATCH --hold#--array=1-9'],
    ['an escaped space', '#SBATCH --comment a\\ b'],
    ['no space', '#SBATCH--hold'],
    ['an option that is switched off', '##SBATCH --array=1-9'],
  ])('%s', (_, line) => {
    expect(lint(withLine(line))).toEqual([]);
  });
});

describe('isSlurmScript', () => {
  it.each([
    ['a/run_slurm.sbatch', '', true],
    ['a/mine.sh', '#!/bin/bash\n#SBATCH --time=1\n', true],
    ['a/mine.sh', '#!/bin/bash\n', false],
    ['a/run_local.sh', '#!/bin/bash\n#SBATCH --time=1\n', false],
  ])('%s', (file, text, expected) => {
    expect(isSlurmScript(text, file)).toBe(expected);
  });
});
