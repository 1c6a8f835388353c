import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { cleanEnvironment, startProgram } from '../support/autolab.ts';
import { temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** The README's first screen, typed into an empty repository that has one script. */

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

const TRAIN = `import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--out")
args = parser.parse_args()
json.dump({"accuracy": 1 - args.lr}, open(os.path.join(args.out, "metrics.json"), "w"))
`;

/** The lines of the first block of commands. */
function threeCommands(): readonly string[] {
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(readFileSync(README, 'utf8')) ?? [];
  return block.trim().split('\n');
}

function gitIn(root: string, ...words: readonly string[]): string {
  const identity = ['-c', 'user.name=ada', '-c', 'user.email=ada@lab', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...words], { cwd: root, encoding: 'utf8' });
}

test('the three commands of the README take a script to a record, and the user wrote the script alone', async () => {
  const root = temporaryFolder();
  gitIn(root, 'init', '-q');
  write(root, 'train.py', TRAIN);
  gitIn(root, 'add', '--all');
  gitIn(root, 'commit', '-qm', 'A script');
  const written = gitIn(root, 'ls-files').trim().split('\n');
  expect(written).toEqual(['train.py']);
  const commands = threeCommands();
  expect(commands.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'autolab new',
    'autolab approve',
    'autolab launch',
  ]);
  const env = { ...cleanEnvironment({}), PATH: `${join(dirname(README), 'bin')}:${process.env['PATH'] ?? ''}` };
  for (const line of commands) {
    // There is no terminal here to ask on.
    const words = line.includes(' approve ') ? `${line} --yes` : line;
    const ended = await startProgram(['bash', '-c', words], root, { env }).ended;
    expect(ended.status, `${words}\n${ended.stdout}${ended.stderr}`).toBe(0);
  }
  const state = JSON.parse(readFileSync(join(root, '.autolab/state.json'), 'utf8')) as Record<string, unknown>;
  expect([state['stage'], state['iteration_id']]).toEqual(['extract_results', 'lr-sweep']);
  const run = join(root, 'experiments/lr-sweep/runs', String(state['last_run_id']));
  expect(existsSync(join(run, 'run_manifest.json'))).toBe(true);
  expect(readFileSync(join(run, 'metrics.json'), 'utf8')).toBe('{"accuracy": 0.9}');
});
