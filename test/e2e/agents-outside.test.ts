import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentProject } from '../support/agents.ts';
import { call } from '../support/contract.ts';
import { commitAll, edit, json, read, temporaryFolder, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';

/** What an agent changes outside of its scope is put aside, named, and put back byte for byte. */

const OUTSIDE = '.autolab/logs/agent-1-implementation/outside';

interface Misdeed {
  readonly what: string;
  readonly script: string;
  readonly named: Readonly<Record<string, string>>;
  /** Put aside: path below `outside/`, and a part of its text. */
  readonly aside?: Readonly<Record<string, string>>;
  /** Also tried where there is no git: the tree is then listed in another way. */
  readonly both?: true;
}

const STATE = '.autolab/state.json';
const MISDEEDS: readonly Misdeed[] = [
  {
    what: 'changes a file',
    both: true,
    script: 'echo mine >> README.md',
    named: { 'README.md': 'changed' },
    aside: { 'README.md': '# The project\nmine\n' },
  },
  { what: 'removes a file', both: true, script: 'rm README.md', named: { 'README.md': 'removed' } },
  { what: 'changes the mode of a file', script: 'chmod 777 README.md', named: { 'README.md': 'mode' } },
  {
    what: 'makes files and folders',
    both: true,
    script: 'mkdir -p tools/deep; echo a > tools/deep/a; echo b > tools/b; echo c > c.txt',
    named: { tools: 'made', 'c.txt': 'made' },
    aside: { 'tools/deep/a': 'a\n', 'c.txt': 'c\n' },
  },
  {
    what: 'moves a file into its scope',
    script: 'mkdir -p src; mv README.md src/',
    named: { 'README.md': 'removed' },
  },
  {
    what: 'hides a file from git',
    both: true,
    script: 'echo hidden.txt >> .gitignore; echo x > hidden.txt',
    named: { '.gitignore': 'changed', 'hidden.txt': 'made' },
  },
  {
    what: 'plants a hook of git, and settings',
    script:
      "printf '#!/bin/sh\\n' > .git/hooks/pre-commit; git config core.excludesFile /dev/null; echo x >> .git/info/exclude",
    named: { '.git/hooks/pre-commit': 'made', '.git/config': 'changed', '.git/info/exclude': 'changed' },
  },
  {
    what: 'makes a repository around files that are not its own',
    script: 'mkdir lib; git -C lib init -q; echo x > lib/x',
    named: { lib: 'made' },
  },
  {
    what: 'edits the state',
    script: `sed -i 's/"implementation"/"launch"/' ${STATE}`,
    named: { [STATE]: 'changed' },
    aside: { [STATE]: '"launch"' },
  },
  {
    what: 'closes an experiment in the backlog',
    script: "sed -i 's/status: open$/status: closed/' .autolab/backlog.yaml",
    named: { '.autolab/backlog.yaml': 'changed' },
  },
  {
    what: 'widens its own scope',
    script: 'echo \'edit_scope: ["**"]\' >> .autolab/agent.yaml; echo x > x',
    named: { '.autolab/agent.yaml': 'changed', x: 'made' },
  },
  {
    what: 'renames .autolab',
    both: true,
    script: 'mv .autolab .autolab.old',
    named: { '.autolab': 'moved' },
  },
  {
    what: 'renames .autolab and makes another one',
    script: 'mv .autolab old; mkdir .autolab; echo {} > .autolab/state.json',
    named: { '.autolab': 'moved' },
    aside: { '.autolab/state.json': '{}' },
  },
  {
    what: 'removes .autolab',
    script: 'rm -rf .autolab',
    named: { [STATE]: 'removed', '.autolab/backlog.yaml': 'removed' },
  },
  {
    what: 'puts a link in the place of the logs',
    script: 'mv .autolab/logs .autolab/logs.x; ln -s "$ELSEWHERE" .autolab/logs; echo x >> README.md',
    named: { '.autolab/logs': 'moved', 'README.md': 'changed' },
    aside: { 'README.md': '# The project\nx\n' },
  },
  {
    what: 'puts links where autolab writes afterwards',
    script:
      'log=$(echo .autolab/logs/agent-1-*); ln -s "$ELSEWHERE" $log/outside; mv .autolab old; echo x > old/new; ln -s "$ELSEWHERE" .autolab; ln -s "$ELSEWHERE" old/tmp',
    named: { '.autolab': 'moved', '.autolab/new': 'made', '.autolab/tmp': 'made' },
  },
  { what: 'locks .autolab', script: 'chmod 000 .autolab', named: { '.autolab': 'mode' } },
  {
    what: 'changes the record of a run',
    script: "sed -i 's/1/2/' experiments/iter1/runs/r1/metrics.json; rm experiments/iter1/runs/r1/logs/stdout.log",
    named: {
      'experiments/iter1/runs/r1/metrics.json': 'changed',
      'experiments/iter1/runs/r1/logs/stdout.log': 'removed',
    },
  },
  {
    what: 'puts a link in the place of the runs',
    both: true,
    script: 'mv experiments/iter1/runs "$ELSEWHERE/runs"; ln -s "$ELSEWHERE/runs" experiments/iter1/runs',
    named: { 'experiments/iter1/runs': 'changed' },
  },
  {
    what: 'forges a decision',
    script: 'echo "{\\"decision\\": \\"stop\\"}" > experiments/iter1/decision_result.json',
    named: { 'experiments/iter1/decision_result.json': 'made' },
    aside: { 'experiments/iter1/decision_result.json': 'stop' },
  },
  {
    what: 'changes the review',
    script: "sed -i 's/needs_retry/pass/' experiments/iter1/review_result.json",
    named: { 'experiments/iter1/review_result.json': 'changed' },
    aside: { 'experiments/iter1/review_result.json': '"pass"' },
  },
  {
    what: 'forges the review of a new experiment',
    script: 'mkdir experiments/iter2; echo "{}" > experiments/iter2/review_result.json',
    named: { 'experiments/iter2': 'made' },
  },
  {
    what: 'changes a closed experiment',
    both: true,
    script: 'echo more >> experiments/old/notes.md; echo new > experiments/old/new.md',
    named: { 'experiments/old/notes.md': 'changed', 'experiments/old/new.md': 'made' },
  },
  {
    what: 'writes a link that leads out',
    script: 'mkdir -p src; ln -s "$ELSEWHERE" src/out; ln -s ../README.md src/in',
    named: { 'src/out': 'leads_out' },
  },
  {
    what: 'changes where a link of another leads',
    both: true,
    script: 'ln -sfn /etc link',
    named: { link: 'changed' },
  },
];

function misdeedProject(script: string): string {
  const root = agentProject({ agent: script, settings: 'edit_scope: ["experiments/**", "src/**"]\n' });
  edit(root, '.autolab/backlog.yaml', (text) => `${text}  - {id: e0, status: done, iteration_id: old}\n`);
  edit(root, 'experiments/iter1/review_result.json', (text) => text.replace('"pass"', '"needs_retry"'));
  write(root, 'experiments/old/notes.md', 'done\n');
  write(root, 'experiments/iter1/runs/r1/metrics.json', json({ accuracy: 1 }));
  write(root, 'experiments/iter1/runs/r1/logs/stdout.log', '{}\n');
  symlinkSync('README.md', join(root, 'link'));
  return root;
}

/** Every path with its mode and content, but what the agent may change and what the call itself writes. */
function treeOf(root: string): readonly string[] {
  const list = execFileSync('find', ['.', '-printf', '%P\\0%y\\0%m\\0%l\\n'], { cwd: root, encoding: 'utf8' });
  const ignored =
    /^(?:\.autolab\/(?:logs|cache|driver\.lock|agent_result\.json|state\.json)|\.git\/(?:objects|index|refs|logs|HEAD|COMMIT)|src\b)/;
  return list
    .split('\n')
    .filter((line) => line !== '' && !ignored.test(line))
    .map((line) => {
      const [path = '', kind] = line.split('\0');
      return `${line} ${kind === 'f' ? readFileSync(join(root, path), 'latin1') : ''}`;
    })
    .sort();
}

describe.each([
  ['in a repository', true],
  ['without git', false],
])('%s, an agent that', (_where, git) => {
  it.each(MISDEEDS.filter(({ both }) => git || both === true).map((one) => [one.what, one] as const))(
    '%s',
    async (_what, { script, named, aside = {} }) => {
      const elsewhere = temporaryFolder();
      const root = misdeedProject(`mkdir -p src; echo done > src/own.py\n${script}`);
      if (git) commitAll(root);
      const before = treeOf(root);

      const ended = await call(root, ['run'], { env: { ELSEWHERE: elsewhere } });

      expect(ended.json, ended.stderr).toMatchObject({
        outcome: 'needs_retry',
        code: 'agent.out_of_scope',
        stage_after: 'implementation',
        stage_attempt: 1,
        attempt_counted: true,
        next_command: 'autolab run',
      });
      expect(ended.status).toBe(10);
      const [report] = ended.json['stages'] as { outside: { path: string; what: string; put_back: boolean }[] }[];
      const found = Object.fromEntries((report?.outside ?? []).map(({ path, what }) => [path, what]));
      expect(found).toMatchObject(named);
      expect((report?.outside ?? []).filter(({ put_back: back }) => !back)).toEqual([]);
      expect(treeOf(root)).toEqual(before);
      expect(readdirSync(elsewhere).filter((name) => name !== 'runs')).toEqual([]);
      for (const [path, text] of Object.entries(aside)) expect(read(root, `${OUTSIDE}/${path}`)).toContain(text);
      expect(stateOf(root)).toMatchObject({ stage: 'implementation', stage_attempt: 1 });
      expect(stateOf(root)['history'].at(-1)).toMatchObject({
        command: 'run',
        by: 'agent',
        code: 'agent.out_of_scope',
      });
      expect(read(root, 'src/own.py')).toBe('done\n');
    },
  );
});

describe('a project in a folder of its repository', () => {
  it('has its neighbours put back, too', async () => {
    const top = temporaryFolder();
    const root = join(top, 'sub');
    agentProject({
      root,
      agent:
        'mkdir -p src; echo x > src/own.py; echo x >> ../lib.py; echo y > ../new.py; mkdir ../more; git init -q .; echo z > z\n',
    });
    write(top, 'lib.py', 'lib\n');
    commitAll(top);

    const ended = await call(root, ['run']);

    const [report] = ended.json['stages'] as { outside: { path: string; what: string }[] }[];
    expect(Object.fromEntries((report?.outside ?? []).map(({ path, what }) => [path, what]))).toEqual({
      '../lib.py': 'changed',
      '../new.py': 'made',
      '.git': 'made',
      z: 'made',
    });
    expect(read(top, 'lib.py')).toBe('lib\n');
    expect([existsSync(join(top, 'new.py')), existsSync(join(root, '.git'))]).toEqual([false, false]);
    expect(read(root, 'src/own.py')).toBe('x\n');
  });
});

describe('a repository that an agent removes', () => {
  it('is not called put back: its settings are there again, its history is not', async () => {
    const root = agentProject({ agent: 'rm -rf .git\n' });
    commitAll(root);

    const ended = await call(root, ['run']);

    expect([ended.status, ended.json['code']], ended.stderr).toEqual([10, 'agent.out_of_scope']);
    const [report] = ended.json['stages'] as { outside: { path: string; put_back: boolean }[] }[];
    const backs = Object.fromEntries((report?.outside ?? []).map(({ path, put_back: back }) => [path, back]));
    expect(backs).toMatchObject({ '.git': false, '.git/config': true });
  });
});
