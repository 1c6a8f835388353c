import { describe, expect, it } from 'vitest';
import { DEFAULT_EDIT_SCOPE, filesOfEntrypoint, scopeFor, withIteration } from './scope.ts';

const scope = scopeFor({
  prefix: 'sub/',
  editable: [...DEFAULT_EDIT_SCOPE.map((pattern) => withIteration(pattern, 'it*1')), 'train.py'],
  linked: ['experiments/plan/far'],
  closed: ['experiments/old'],
  decides: 'experiments/it*1/decision_result.json',
});

describe('the scope of an agent', () => {
  it.each([
    ['sub/experiments/it*1/design.yaml', 'free'],
    ['sub/experiments/it*1/.hidden/x', 'free'],
    ['sub/experiments/it21/design.yaml', 'outside'],
    ['sub/experiments/it*1/review_result.json', 'autolab'],
    ['sub/experiments/it*1/review_result.json.sig', 'autolab'],
    ['sub/experiments/it*1/decision_result.json', 'free'],
    ['sub/experiments/other/decision_result.json', 'autolab'],
    ['sub/experiments/it*1/runs/r1/journal.jsonl', 'autolab'],
    ['sub/experiments/it*1/runs', 'autolab'],
    ['sub/experiments/it*1/runs.py', 'free'],
    ['sub/experiments/it*1/src/runs/x', 'free'],
    ['sub/experiments/plan/far/launch/run_local.sh', 'autolab'],
    ['sub/experiments/old/notes.md', 'closed'],
    ['sub/src/deep/er/.env.py', 'free'],
    ['sub/srcs/x.py', 'outside'],
    ['sub/docs/guide.md', 'free'],
    ['sub/docs/slurm_job_list.md', 'autolab'],
    ['sub/train.py', 'free'],
    ['sub/README.md', 'outside'],
    ['src/x.py', 'outside'],
    ['sub/.autolab', 'autolab'],
    ['sub/.autolab/state.json', 'autolab'],
    ['sub/.autolabs', 'outside'],
    ['.git/hooks/pre-commit', 'outside'],
  ])('says of %s: %s', (path, expected) => {
    expect(scope(path)).toBe(expected);
  });

  it('has the files that the entrypoint names, and nothing above the project', () => {
    const argv = ['python', './train.py', '--data', 'data/a[1].csv', '-m', 'pkg.tool', '../lib/x.py', '/etc/passwd'];
    expect(filesOfEntrypoint({ kind: 'command', argv: [...argv, '--out', '{{run_dir}}/x', 'tools/'] })).toEqual([
      'train.py',
      'data/a\\[1\\].csv',
      'pkg/tool.py',
      'pkg/tool/__main__.py',
    ]);
    expect(filesOfEntrypoint({ kind: 'module', module: 'package.train', args: {} })).toContain('package/train.py');
  });
});
