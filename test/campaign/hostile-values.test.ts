import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { family, randomFrom, SEED, size } from '../support/campaign.ts';
import { DOCUMENTS } from '../support/documents.ts';
import { told } from '../support/hostile-outcome.ts';
import { CANARY, NASTY } from '../support/hostile-text.ts';
import { mutate } from '../support/mutations.ts';
import { edit, fakeCommands, json, makeProject, temporaryFolder, write } from '../support/project.ts';
import { eachOf, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: size(10, 1) * SLOW_MS });

const { count } = family('hostile values, whole program');

/** A command line takes no NUL, and no half of a surrogate pair. */
const WORDS = NASTY.filter((text) => text.length < 1000 && !/[\0\p{Cs}]/u.test(text));

type Put = (root: string, text: string) => readonly string[];

/** Where a value is put; each gives the words of the call that then meets it. */
const FIELDS: Record<string, Put> = {};

function inState(key: string): Put {
  return (root, text) => {
    edit(root, '.autolab/state.json', (state) => json({ ...(JSON.parse(state) as object), [key]: text }));
    return ['launch'];
  };
}

function inDesign(make: (value: string) => string): Put {
  return (root, text) => {
    edit(root, 'experiments/iter1/design.yaml', (design) => design.replace(/^(?:artifacts|compute):[^]*$/m, ''));
    edit(root, 'experiments/iter1/design.yaml', (design) => `${design}${make(JSON.stringify(text))}\n`);
    return ['launch'];
  };
}

const LOCAL = 'compute: {location: local, time: "00:05:00"';

for (const key of ['iteration_id', 'experiment_id', 'pending_run_id', 'last_run_id', 'sync_status'])
  FIELDS[`state.${key}`] = inState(key);
for (const key of ['partition', 'qos', 'account', 'constraint', 'gpu_type', 'exclude', 'reservation', 'memory', 'nice'])
  FIELDS[`compute.${key}`] = inDesign((value) => `${LOCAL}, ${key}: ${value}}\nartifacts: [metrics.json]`);
FIELDS['compute.time'] = inDesign((value) => `compute: {location: local, time: ${value}}`);
FIELDS['artifacts[0]'] = inDesign((value) => `${LOCAL}}\nartifacts: [${value}]`);
FIELDS['artifacts[0].from'] = inDesign((value) => `${LOCAL}}\nartifacts: [{path: a, required: false, from: ${value}}]`);
for (const key of ['login_host', 'remote_repo_root', 'scratch', 'python', 'setup'])
  FIELDS[`profiles.${key}`] = (root, text) => {
    const profile = { mode: 'rsync', login_host: 'login', remote_repo_root: '/nowhere', [key]: text };
    write(root, '.autolab/remote_profiles.yaml', json({ default_profile: 'p', profiles: { p: profile } }));
    return ['remote', 'show'];
  };
FIELDS['profiles.exclude'] = (root, text) => {
  write(root, '.autolab/remote_profiles.yaml', json({ profiles: { p: { mode: 'shared_fs', exclude: [text] } } }));
  return ['launch'];
};
const ON_THE_COMMAND_LINE: Readonly<Record<string, (text: string) => readonly string[]>> = {
  '--run-id': (text) => ['launch', `--run-id=${text}`],
  '--profile': (text) => ['launch', `--profile=${text}`],
  'a run': (text) => ['logs', '--', text],
  'a run to verify': (text) => ['verify', '--', text],
  'a run to unlock': (text) => ['unlock', `--run=${text}`],
  'an experiment': (text) => ['backlog', 'reopen', '--by=me', '--note=x', '--', text],
  'a note': (text) => ['review', 'stop', `--by=${text}`, `--note=${text}`],
  'a task': (text) => ['todo', 'done', '--', text],
  'a script': (text) => ['lint-script', '--', text],
  'a manifest': (text) => ['slurm-job-list', 'append', `--manifest=${text}`, '--doc=list.md'],
  'a number': (text) => ['launch', `--wait-timeout=${text}`],
};
for (const [name, words] of Object.entries(ON_THE_COMMAND_LINE)) FIELDS[name] = (_, text) => words(text);

/** Nothing was made by shell text, here or where a path might have led. */
function expectNoCanary(root: string, outside: string, what: string): void {
  for (const folder of [root, join(root, 'experiments/iter1'), outside, process.cwd()])
    expect(existsSync(join(folder, CANARY)), `${what}: a canary in ${folder}`).toBe(false);
  expect(readdirSync(outside), `${what}: beside the project`).toEqual(['project']);
}

/** ssh that reaches nobody, as an old one would: what is put into its commands, a shell reads. */
const OLD_SSH = 'for word; do :; done\nsh -c "echo asked $word" >/dev/null\necho "ssh: no route" >&2\nexit 255';

/** A project with a folder around it, to see what is made beside it. */
function projectIn(outside: string): string {
  const root = join(outside, 'project');
  makeProject({ root });
  return root;
}

test('a hostile value in any place is refused or harmless, and its shell text is run by nobody', async () => {
  const random = randomFrom(SEED);
  const all = Object.entries(FIELDS).flatMap(([field, put]) => WORDS.map((text) => ({ field, put, text })));
  const cases = all.sort(() => random() - 0.5).slice(0, size(600, 20));
  await eachOf(cases, async ({ field, put, text }) => {
    const env = fakeCommands({ ssh: OLD_SSH });
    const outside = temporaryFolder();
    const root = projectIn(outside);
    const words = put(root, text);
    const what = `seed ${SEED}: ${field} ${JSON.stringify(text)}`;
    const at = words.indexOf('--');
    const json = at < 0 ? [...words, '--json'] : words.toSpliced(at, 0, '--json');
    count(await told(root, random() < 0.7 ? json : words, what, { env }));
    expectNoCanary(root, outside, what);
  });
});

test('launched with a spoilt document, the program ends with a code of the catalogue', async () => {
  const random = randomFrom(SEED);
  const files = Object.keys(DOCUMENTS).filter((file) => !file.endsWith('remote_profiles.yaml'));
  const cases = Array.from({ length: size(300, 10) }, (_, index) => {
    const file = files[index % files.length] ?? '';
    return { index, file, spoilt: mutate(DOCUMENTS[file] ?? '', random) };
  });
  await eachOf(cases, async ({ index, file, spoilt }) => {
    const outside = temporaryFolder();
    const root = projectIn(outside);
    write(root, file, spoilt.bytes);
    const what = `seed ${SEED}, case ${index}: ${file}, ${spoilt.how}`;
    const words = index % 3 === 0 ? ['status'] : index % 3 === 1 ? ['launch', '--dry-run'] : ['launch'];
    count(await told(root, index % 4 === 0 ? words : [...words, '--json'], what));
    expectNoCanary(root, outside, what);
  });
});
