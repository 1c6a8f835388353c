import { describe, expect, it } from 'vitest';
import { call } from '../support/contract.ts';
import { edit, json, makeProject, readJson, write } from '../support/project.ts';
import { manifestOf } from '../support/runs.ts';

/** Nothing in a document that the launch does not use stops it: it is warned of, with its line. */

interface Part {
  readonly file: string;
  readonly text: (root: string) => void;
  readonly line: number;
}

const PROFILES = '.autolab/remote_profiles.yaml';
const put =
  (file: string, text: string) =>
  (root: string): void => {
    write(root, file, text);
  };

const PARTS: readonly (Part & { readonly what: string })[] = [
  {
    what: 'a profile, by a local run',
    file: PROFILES,
    text: put(PROFILES, 'default_profile: far\nprofiles:\n  far:\n    mode: rsync\n    remote_repo_root: "."\n'),
    line: 5,
  },
  {
    what: 'a default profile that is not there, by a local run',
    file: PROFILES,
    text: put(PROFILES, 'profiles: {}\ndefault_profile: far\n'),
    line: 2,
  },
  {
    what: 'how often a queue is asked, by a local run',
    file: '.autolab/launch.yaml',
    text: put('.autolab/launch.yaml', 'host_mode: local\npoll: {min_seconds: often}\n'),
    line: 2,
  },
  {
    what: 'a request to Slurm, by a local run',
    file: 'experiments/iter1/design.yaml',
    text: (root) => {
      edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('  cpus: 1', '  cpus: 1\n  partition: [1]'));
    },
    line: 11,
  },
  {
    what: 'an experiment of another iteration',
    file: '.autolab/backlog.yaml',
    text: (root) => {
      edit(root, '.autolab/backlog.yaml', (text) => `${text}  - {id: e2, iteration_id: iter2, status: [], type: 3}\n`);
    },
    line: 10,
  },
  {
    what: 'a task of another stage',
    file: '.autolab/todo_focus.json',
    text: put('.autolab/todo_focus.json', json({ focus_tasks: [{ task_id: 3, stage: 'design' }] })),
    line: 4,
  },
  {
    what: 'the time of the review',
    file: 'experiments/iter1/review_result.json',
    text: (root) => {
      const file = 'experiments/iter1/review_result.json';
      write(root, file, json({ ...readJson(root, file), reviewed_at: 3 }));
    },
    line: 11,
  },
  {
    what: 'a limit of another stage',
    file: '.autolab/experiment_file_line_limits.yaml',
    text: put(
      '.autolab/experiment_file_line_limits.yaml',
      'version: 1\nline_limits:\n  fixed_max_lines:\n    docs_update.md: many\n',
    ),
    line: 4,
  },
];

describe('what a launch does not use', () => {
  it.each(PARTS)('$what does not stop it', async ({ file, text, line }) => {
    const root = makeProject();
    text(root);

    const dry = await call(root, ['launch', '--dry-run']);
    const { status, json: result } = await call(root, ['launch', '--run-id', 'r1']);

    expect([status, result['code']], JSON.stringify([result['message'], result['problems']])).toEqual([
      0,
      'run.completed',
    ]);
    expect(dry.json['problems']).toContainEqual(expect.objectContaining({ file, line, severity: 'warning' }));
    expect((manifestOf(root, 'r1')['warnings'] as string[]).join('\n')).toContain(file);
  });

  it('is an error as soon as it is used', async () => {
    const root = makeProject({ compute: { location: 'slurm' } });
    write(root, PROFILES, 'default_profile: far\nprofiles:\n  far:\n    mode: rsync\n    remote_repo_root: "."\n');

    const { json: result } = await call(root, ['launch', '--dry-run']);

    expect(result).toMatchObject({ code: 'config.invalid' });
    expect(result['problems']).toContainEqual(expect.objectContaining({ file: PROFILES, line: 5, severity: 'error' }));
  });

  it('is an error if it is named on the command line', async () => {
    const root = makeProject();
    write(root, PROFILES, 'profiles: {far: {mode: rsync, remote_repo_root: "."}}\n');

    expect((await call(root, ['launch', '--dry-run'])).json['code']).toBe('ok');
    expect((await call(root, ['launch', '--dry-run', '--profile', 'far'])).json['code']).toBe('config.invalid');
  });

  it('stops it all the same if the file is not well-formed', async () => {
    const root = makeProject();
    write(root, PROFILES, 'profiles: {far: {mode: rsync\n');

    expect((await call(root, ['launch', '--dry-run'])).json['code']).toBe('config.invalid');
  });
});
