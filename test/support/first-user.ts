import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { autolabJson, type RunOptions } from './autolab.ts';
import { readJson, temporaryFolder, write } from './project.ts';

/** A user with a Python script in an empty git repository, and three commands. */

const SCRIPT = `import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--out")
options = parser.parse_args()
with open(os.path.join(options.out, "metrics.json"), "w") as file:
    json.dump({"accuracy": 1 - options.lr}, file)
print("trained")
`;

/** Every file that the user writes by hand; nothing else is written between the commands. */
const BY_HAND: Readonly<Record<string, string>> = { 'train.py': SCRIPT };

export const COMMAND = ['--', 'python3', 'train.py', '--lr', '0.1', '--out', '{{run_dir}}'];

export function repositoryWithScript(): string {
  const root = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  for (const [path, text] of Object.entries(BY_HAND)) write(root, path, text);
  return root;
}

/** Types the commands, as the README has them, and looks at what they leave. */
export async function threeCommands(
  root: string,
  location: 'local' | 'slurm',
  options: RunOptions,
): Promise<Record<string, any>> {
  const wanted = ['--time', '0:05:00', '--memory', '200M', '--metric', 'accuracy:max', '--artifact', 'metrics.json'];
  const made = await autolabJson(root, ['new', 'lr-sweep', '--init', ...wanted, ...COMMAND], options);
  expect(made.json, made.stderr).toMatchObject({ outcome: 'ok', stage_after: 'implementation_review', location });
  const approved = await autolabJson(root, ['approve', '--by', 'ada', '--yes'], options);
  expect(approved.json, approved.stderr).toMatchObject({ outcome: 'ok', stage_after: 'launch' });
  const launched = await autolabJson(root, ['launch'], options);
  expect(launched.json, launched.stderr).toMatchObject({ outcome: 'completed', host_mode: location });
  expect(Object.keys(BY_HAND)).toEqual(['train.py']);
  const run = String(launched.json['run_dir']);
  expect(readJson(root, `${run}/metrics.json`)).toEqual({ accuracy: 0.9 });
  const manifest = readJson(root, `${run}/run_manifest.json`);
  expect(manifest).toMatchObject({ status: 'completed', approved: { design: expect.any(String) } });
  return launched.json;
}
