import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { family, size } from '../support/campaign.ts';
import { makeProject, runIds, until } from '../support/project.ts';
import { begun, eachOf, expectClosed, kill, lives, SLOW_MS, supervisorOf } from '../support/runs.ts';

/** Nothing that can be found outlives its run (R24): many daemons of each kind, at each way for a run to end. */

const ROUNDS = size(10, 1);
const DAEMONS = 100;

vi.setConfig({ testTimeout: size(20, 3) * SLOW_MS });

const { count } = family('daemons');

const SCRIPT = fileURLToPath(new URL('../fixtures/daemons/daemons.py', import.meta.url));

/** As daemons.py has them. */
const KINDS = {
  s: 'setsid',
  f: 'double fork, session kept',
  sf: 'setsid and double fork',
  fc: 'double fork, session kept, environment cleared',
  sfr: 'setsid, and a new process every few milliseconds',
} as const;
type Kind = keyof typeof KINDS;

interface Way {
  readonly name: string;
  readonly code: string;
  readonly stage: string;
  readonly attempt: number;
  /** What the entrypoint does once it has started them. */
  readonly then: string;
  readonly end: (root: string) => Promise<string>;
}

async function toTheEnd(root: string): Promise<string> {
  const { json } = await autolabJson(root, ['launch']);
  return String(json['code']);
}

/** Until the first of them lives, so that the end meets them at work, or in the making. */
async function daemonsOf(root: string): Promise<string> {
  const runId = await begun(root);
  const folder = inRun(root, 'iter1', runId, 'alive');
  await until('a daemon lives', () => existsSync(folder) && readdirSync(folder).length > 0);
  return runId;
}

const WAYS: readonly Way[] = [
  {
    name: 'exit code 0',
    code: 'run.completed',
    stage: 'extract_results',
    attempt: 0,
    then: '',
    end: toTheEnd,
  },
  {
    name: 'cancel',
    code: 'run.cancelled',
    stage: 'launch',
    attempt: 0,
    then: 'sleep 300',
    end: async (root) => {
      await autolab(root, ['launch', '--detach']);
      await daemonsOf(root);
      return String((await autolabJson(root, ['cancel'])).json['code']);
    },
  },
  { name: 'time limit', code: 'local.timeout', stage: 'launch', attempt: 1, then: 'sleep 300', end: toTheEnd },
  {
    name: 'supervisor killed',
    code: 'local.lost',
    stage: 'launch',
    attempt: 0,
    then: 'sleep 300',
    end: async (root) => {
      const driver = startAutolab(root, ['launch']);
      const runId = await daemonsOf(root);
      const supervisor = await supervisorOf(root, runId);
      const started = inRun(root, 'iter1', runId, 'receipt/started.json');
      await until('the supervisor has recorded the start', () => existsSync(started));
      driver.child.kill('SIGKILL');
      kill(supervisor);
      await driver.ended;
      await until('the supervisor is dead', () => !lives(supervisor));
      return String((await autolabJson(root, ['launch'])).json['code']);
    },
  },
];

/** Those that have the run's folder on their command line, or in their environment; its supervisor ends after its receipt. */
function alive(folder: string, which: 'of the run' | 'supervisor'): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && lives(Number(name)))
    .flatMap((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        if (words.includes(`${folder}/receipt/order.json`) !== (which === 'supervisor')) return [];
        const found = words.includes(folder) || readFileSync(`/proc/${name}/environ`, 'utf8').includes(folder);
        return found ? [`${name}: ${words.replaceAll('\0', ' ')}`] : [];
      } catch {
        return [];
      }
    });
}

const cases = Array.from({ length: ROUNDS }, (_, round) => round).flatMap((round) =>
  WAYS.flatMap((way) => (Object.keys(KINDS) as Kind[]).map((kind) => ({ round, way, kind }))),
);

test(`${DAEMONS} daemons of each kind, at each end of a run: none outlives it`, async () => {
  await eachOf(cases, async ({ round, way, kind }) => {
    const what = `round ${round}, ${way.name}, ${KINDS[kind]}`;
    const root = makeProject({
      compute: { time: way.code === 'local.timeout' ? '"00:00:06"' : '"00:05:00"', grace: 2 },
      entrypoint: `echo started >> "$AUTOLAB_RUN_DIR/marker"\necho '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\npython3 ${SCRIPT} ${kind} ${kind === 'sfr' ? 10 : DAEMONS}\n${way.then}\n`,
    });
    const code = await way.end(root);
    const folder = inRun(root, 'iter1', runIds(root)[0] ?? '');
    expect(alive(folder, 'of the run'), what).toEqual([]);
    await until(`${what}: the supervisor ends`, () => alive(folder, 'supervisor').length === 0);
    expect(code, what).toBe(way.code);
    const { stage, attempt } = way;
    expectClosed(root, { code, stage, attempt, starts: 1 }, what);
    count('none outlived its run');
  });
});
