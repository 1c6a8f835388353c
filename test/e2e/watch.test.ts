import { appendFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { edit, makeProject, until, write } from '../support/project.ts';
import { begun, expectClosed, letEnd, lives, pidIn, SLOW_MS, WAITING } from '../support/runs.ts';
import { onTerminal, type TerminalCall, type TerminalOptions } from '../support/terminal.ts';

/** The live view: what a person sees on a terminal, and how the terminal is given back. */

vi.setConfig({ testTimeout: SLOW_MS });

const METRICS = `for step in 1 2 3 4; do
  echo "{\\"step\\": $step, \\"loss\\": 0.$((9 - step)), \\"accuracy\\": 0.$step}" >> "$AUTOLAB_RUN_DIR/metrics.jsonl"
done
`;

const TASK = `echo "rate $1"\n${WAITING}`;

interface Watched {
  readonly root: string;
  readonly runId: string;
  readonly terminal: TerminalCall;
}

async function watched(entrypoint: string, options: TerminalOptions = {}): Promise<Watched> {
  const root = makeProject({ entrypoint });
  edit(root, 'experiments/iter1/design.yaml', (text) => `${text}metrics: {primary: {name: loss, mode: minimize}}\n`);
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  const terminal = onTerminal(root, ['watch'], options);
  onTestFinished(() => {
    terminal.child.kill('SIGKILL');
  });
  await shows(terminal, /RUNNING/);
  return { root, runId, terminal };
}

async function shows(terminal: TerminalCall, text: RegExp): Promise<void> {
  await until(`the screen shows ${String(text)}`, () => text.test(terminal.screen().lines.join('\n')));
}

function expectGivenBack({ screen, text }: TerminalCall): void {
  expect(screen()).toMatchObject({ isAlternate: false, hasCursor: true, strange: [] });
  expect(text(), 'lines are wrapped again').toMatch(/\u001b\[\?7h/);
}

test('a run at 80 × 24: bars against its limits, metrics, the end of its log; and the verdict', async () => {
  const { root, runId, terminal } = await watched(`${METRICS}echo epoch 4\n${WAITING}`);
  await shows(terminal, /epoch 4/);

  const { lines, isAlternate, hasCursor, strange } = terminal.screen();
  expect({ isAlternate, hasCursor, strange }).toEqual({ isAlternate: true, hasCursor: false, strange: [] });
  expect(lines[0]).toMatch(new RegExp(`^\\[RUNNING\\] ${runId}  e1  local$`));
  expect(lines.join('\n')).toMatch(/^time +[█░]{28}  \d+ s of 5 min  \d %$/m);
  // The one to judge by comes first.
  expect(lines.join('\n')).toMatch(/^loss +█[▁-█]{3} +0\.5  step 4\naccuracy +▁[▁-█]{3} +0\.4$/m);
  expect(lines.join('\n')).toMatch(/^── log ─+$/m);
  expect(lines.at(-1)).toBe('q leave   c cancel   l log');
  expect(lines).toHaveLength(24);

  letEnd(root, runId);
  await autolab(root, ['resume']);
  await shows(terminal, /^\[COMPLETED\]/m);
  expect(terminal.screen().lines.at(-1)).toBe('q leave   l log');
  terminal.type('q');
  expect(await terminal.status).toBe(0);
  expectGivenBack(terminal);
  expect(terminal.screen().lines.join('\n')).toContain(`The run ${runId} has ended (run.completed)`);
});

test('the log of one task of many, while it runs and at its end', async () => {
  const root = makeProject({ command: ['bash', 'experiments/iter1/main.sh', '{{task.lr}}'], entrypoint: TASK });
  edit(root, 'experiments/iter1/design.yaml', (text) => `${text}tasks: {grid: {lr: [0.1, 0.2]}, max_parallel: 2}\n`);
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  const terminal = onTerminal(root, ['watch', '--task', '1']);
  onTestFinished(() => {
    terminal.child.kill('SIGKILL');
  });
  await shows(terminal, /^── log of task 1 \(running\): lr=0\.2 ─+$\nrate 0\.2$/m);
  expect(terminal.screen().lines.join('\n')).not.toContain('rate 0.1');
  letEnd(root, runId);
  await autolab(root, ['resume']);
  await shows(terminal, /^── log of task 1 \(completed\): lr=0\.2 ─+$\nrate 0\.2$/m);
  terminal.type('q');
  expect(await terminal.status).toBe(0);
  const none = onTerminal(root, ['watch', '--task', '2']);
  expect(await none.status).toBe(2);
  expect(none.screen().lines.join('\n')).toContain('has no task 2');
});

test('memory against the request, and CPU, from the samples of the run', async () => {
  const { root, runId, terminal } = await watched(WAITING);
  const samples = [1, 2, 3].map((t) => `{"t": ${t}, "cpu_seconds": ${t * 2}, "memory_bytes": ${t * 268435456}}\n`);
  write(root, `experiments/iter1/runs/${runId}/receipt/usage.jsonl.new`, '');
  appendFileSync(inRun(root, 'iter1', runId, 'receipt/usage.jsonl'), samples.join(''));
  await shows(terminal, /^memory +[█░]{28}  \d+ MiB of 1 GiB/m);
  await shows(terminal, /^cpu +[▁-█]/m);
  letEnd(root, runId);
});

test('q and Ctrl-C leave, and the run continues', async () => {
  for (const key of ['q', '\u0003']) {
    const { root, runId, terminal } = await watched(WAITING);
    terminal.type(key);
    expect(await terminal.status).toBe(0);
    expectGivenBack(terminal);
    expect(terminal.screen().lines.join('\n')).toContain(`The run ${runId} continues.`);
    expect(lives(await pidIn(root, runId))).toBe(true);
    letEnd(root, runId);
  }
});

test('c asks first; y cancels the run as `autolab cancel` does, and a text that was pasted does not', async () => {
  const { root, runId, terminal } = await watched(WAITING);
  terminal.type('cy');
  await shows(terminal, /Cancel the run .*\? y\/n/);
  terminal.type('n');
  await shows(terminal, /^q leave/m);
  expect(lives(await pidIn(root, runId))).toBe(true);

  terminal.type('c');
  await shows(terminal, /Cancel the run .*\? y\/n/);
  terminal.type('y');
  await shows(terminal, /^\[CANCELLED\]/m);
  terminal.type('q');
  expect(await terminal.status).toBe(0);
  expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, 'cancelled in the view');
});

test('l shows the log alone, and Escape leads back', async () => {
  const numbers = 'for number in $(seq 100); do echo "line $number"; done\n';
  const { root, runId, terminal } = await watched(`${numbers}${WAITING}`);
  terminal.type('l');
  await shows(terminal, /l back/);
  const { lines } = terminal.screen();
  expect(lines[1]).toContain(`log of ${runId}`);
  expect(lines.slice(2, -1)).toEqual(Array.from({ length: 21 }, (_, at) => `line ${at + 80}`));
  terminal.type('\u001b');
  await shows(terminal, /^time /m);
  letEnd(root, runId);
});

describe('the terminal is given back', () => {
  test('on SIGTERM and SIGHUP', async () => {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const { root, runId, terminal } = await watched(WAITING);
      process.kill(terminal.pid(), signal);
      expect(await terminal.status).toBe(130);
      expectGivenBack(terminal);
      letEnd(root, runId);
    }
  });

  test('on Ctrl-Z, and taken again by fg', async () => {
    // An interactive shell has jobs: it sees ours stop, and continues it.
    const around = 'set -m; "$@"; echo "stopped $?"; read -r; fg >/dev/null; echo "left $?"';
    const { root, runId, terminal } = await watched(WAITING, { around });
    terminal.type('\u001a');
    await until('the shell has the terminal', () => terminal.text().includes('stopped 148'));
    expectGivenBack(terminal);
    terminal.type('\r');
    await until('the view is back', () => terminal.screen().isAlternate);
    await shows(terminal, /^\[RUNNING\]/m);
    terminal.type('q');
    await until('it was left', () => terminal.text().includes('left 0'));
    expectGivenBack(terminal);
    letEnd(root, runId);
  });
});

test('hostile lines of the log change nothing on the screen', async () => {
  const hostile = String.raw`printf 'a\033[2J\033]0;owned\007b\033[?1049lc\n\033[31mred\033[0m 日本語 \tend\n'`;
  const { root, runId, terminal } = await watched(`${hostile}\n${WAITING}`, { env: { NO_COLOR: '1' } });
  await shows(terminal, /^abc$/m);
  expect(terminal.screen()).toMatchObject({ isAlternate: true, strange: [] });
  expect(terminal.screen().lines.join('\n')).toMatch(/^red 日本語 +end$/m);
  expect(terminal.text()).not.toMatch(/\u001b\[3\dm|owned/);
  letEnd(root, runId);
});

test('launch shows the same bars in its few lines', async () => {
  const root = makeProject({ entrypoint: `${METRICS}echo epoch 4\n${WAITING}` });
  const terminal = onTerminal(root, ['launch']);
  const runId = await begun(root);
  const shown = (): string => terminal.text().replaceAll(/\u001b\[[?\d;]*[A-Za-z]|\r/g, '');
  await until('the bars are shown', () => /^ {2}time +[█░]+ {2}\S.* of 5 min$/m.test(shown()));
  await until('the metrics are shown', () => shown().includes('  accuracy 0.4  loss 0.5'));
  await until('the last line is shown', () => shown().includes('  │ epoch 4'));
  letEnd(root, runId);
  expect(await terminal.status).toBe(0);
});

test('without a terminal it is refused, with the commands to use instead', async () => {
  const root = makeProject();
  const plain = await autolab(root, ['watch']);
  expect([plain.status, plain.stdout]).toEqual([2, '']);
  expect(plain.stderr).toMatch(/needs a terminal.*autolab status, autolab logs -f/s);

  const json = await autolabJson(root, ['watch']);
  expect([json.status, json.json['code'], json.json['hint']]).toEqual([
    2,
    'usage',
    'Without one: autolab status, autolab logs -f',
  ]);
  const none = onTerminal(root, ['watch']);
  expect(await none.status).not.toBe(0);
  expect(none.text()).toContain('There is no run yet');
  expect(none.text()).not.toContain('\u001b[?1049h');
});
