import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, edit, json, readJson, write } from './project.ts';

/** Every kind of reason against a launch: what makes it, its code, and the stage that the workflow goes back to. */

const DESIGN = 'experiments/iter1/design.yaml';
const REVIEW = 'experiments/iter1/review_result.json';

export interface Reason {
  readonly code: string;
  readonly because: string;
  readonly next: string;
  readonly break: (root: string) => void;
  readonly said?: string;
  /** Not the experiment's: it costs no attempt. */
  readonly free?: true;
}

export function changeReview(patch: Readonly<Record<string, unknown>>): (root: string) => void {
  return (root) => {
    write(root, REVIEW, json({ ...readJson(root, REVIEW), ...patch }));
  };
}

const remove =
  (file: string) =>
  (root: string): void => {
    rmSync(join(root, file));
  };
const put =
  (file: string, text: string) =>
  (root: string): void => {
    write(root, file, text);
  };

export const REASONS: readonly Reason[] = [
  {
    code: 'review.not_passed',
    because: 'the review asks for changes',
    next: 'implementation',
    break: changeReview({ status: 'needs_retry' }),
    said: 'needs_retry',
  },
  {
    code: 'review.check_failed',
    because: 'a required check failed',
    next: 'implementation',
    break: changeReview({ required_checks: { tests: 'pass', env_smoke: 'fail' } }),
    said: 'env_smoke',
  },
  {
    code: 'review.blocking_findings',
    because: 'a finding is left',
    next: 'implementation',
    break: changeReview({ blocking_findings: ['leaks test data'] }),
    said: 'leaks test data',
  },
  { code: 'review.missing', because: 'there is no review', next: 'implementation_review', break: remove(REVIEW) },
  {
    code: 'review.missing',
    because: 'the review is unreadable',
    next: 'implementation_review',
    break: put(REVIEW, 'passed!\n'),
  },
  { code: 'design.invalid', because: 'there is no design', next: 'design', break: remove(DESIGN) },
  {
    code: 'design.id_mismatch',
    because: 'the design is of another iteration',
    next: 'design',
    break: (root) => {
      edit(root, DESIGN, (text) => text.replace('iteration_id: iter1', 'iteration_id: iter2'));
    },
    said: 'iter2',
  },
  {
    code: 'host.conflict',
    because: 'the design wants another host',
    next: 'design',
    break: (root) => {
      edit(root, DESIGN, (text) => text.replace('location: local', 'location: slurm'));
    },
    said: 'compute.location: slurm',
  },
  {
    code: 'environment.invalid',
    because: 'nothing says how to activate the environment',
    next: 'implementation',
    break: put('docs/environment.md', '# Environment\n'),
  },
  {
    code: 'config.invalid',
    because: 'a setting is wrong',
    next: 'launch',
    break: put('.autolab/launch.yaml', 'host_mode: local\nkeep_temporary: perhaps\n'),
  },
  {
    code: 'git.required',
    because: 'a clean work tree is asked for where there is none',
    next: 'launch',
    free: true,
    break: put('.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n'),
  },
  {
    code: 'git.dirty',
    because: 'the work tree is not clean',
    next: 'launch',
    free: true,
    break: (root) => {
      write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');
      commitAll(root);
      write(root, 'experiments/iter1/main.sh', 'true\n');
    },
    said: 'experiments/iter1/main.sh',
  },
  {
    code: 'todo.open',
    because: 'a task comes first',
    next: 'launch',
    break: put('.autolab/todo_focus.json', json({ focus_tasks: [{ task_id: 't7', stage: 'launch', text: 'look' }] })),
    said: 't7',
  },
  {
    code: 'prompt.invalid',
    because: 'the prompt has an unknown placeholder',
    next: 'launch',
    break: put('.autolab/prompts/stage_launch.md', 'Run {{run}}\n'),
  },
  {
    code: 'script.invalid',
    because: 'the script was written against the rules',
    next: 'launch',
    break: put('experiments/iter1/launch/run_local.sh', '#!/bin/bash\nrm -rf build\n'),
  },
  {
    code: 'script.too_long',
    because: 'the rendered script is longer than the project allows',
    next: 'launch',
    break: put(
      '.autolab/experiment_file_line_limits.yaml',
      'version: 1\nline_limits: {fixed_max_lines: {launch/run_local.sh: 9}}\n',
    ),
  },
  {
    code: 'environment.invalid',
    because: 'only jobs have an activation',
    next: 'implementation',
    break: put('docs/environment.md', '# Activation\n\n## Slurm\n\n```bash\n# nothing\n```\n'),
    said: 'local',
  },
  {
    code: 'review.stale',
    because: 'the design changed after the approval',
    next: 'implementation_review',
    free: true,
    break: changeReview({ approved: { design: 'a'.repeat(64) } }),
    said: DESIGN,
  },
  {
    code: 'git.failed',
    because: 'git cannot read its index',
    next: 'launch',
    free: true,
    break: (root) => {
      commitAll(root);
      write(root, '.git/index', 'not an index');
    },
    said: 'index',
  },
];
