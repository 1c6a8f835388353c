import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, type Running, startAutolab } from '../support/autolab.ts';
import { CLOSED, openProject, recordOf } from '../support/old-records.ts';
import {
  edit,
  fakeCommands,
  makeProject,
  read,
  readJson,
  temporaryFolder,
  treeDigest,
  write,
} from '../support/project.ts';
import { measuredProject } from '../support/results.ts';
import { begun, letEnd, WAITING } from '../support/runs.ts';
import { describeOnSmallDisks, launchedDuring, onSmallDisk } from '../support/small-disk.ts';

/** The page of a run: X17, and that nothing of it ever touches the run. */

const PAGE = 'experiments/iter1/runs/r1/report.html';
const OTHER_PAGE = 'experiments/iter1/runs/r1/autolab-report.html';
const HEAD = /^<!doctype html>\n<!-- autolab page, layout \d+ -->\n/;
const LAUNCH = ['launch', '--run-id', 'r1'];

describe('after the close', () => {
  it('a launch has made the page of its run, names it, and the record is what it would be without', async () => {
    const root = makeProject();
    const launched = await autolabJson(root, LAUNCH);
    expect(launched).toMatchObject({ status: 0, json: { outcome: 'completed', report: PAGE } });
    expect(read(root, PAGE)).toMatch(HEAD);
    expect(readFileSync(inRun(root, 'iter1', 'r1', 'artifacts.sha256'), 'utf8')).not.toContain('report.html');
    expect((await autolabJson(root, ['verify'])).json['verifiers']).not.toContainEqual(
      expect.objectContaining({ status: 'warn' }),
    );
    expect(await autolabJson(root, ['manifest', '--check'])).toMatchObject({ status: 0 });
  });

  it('the screen names it', async () => {
    const { stdout } = await autolab(makeProject({ entrypoint: 'exit 3' }), LAUNCH);
    expect(stdout).toMatch(new RegExp(`^ {2}run: experiments/iter1/runs/r1\n {2}report: ${PAGE}\n`, 'm'));
  });

  it('there is none with `report: false`, and then a command makes it', async () => {
    const root = makeProject();
    edit(root, '.autolab/launch.yaml', (text) => `${text}report: false\n`);
    const launched = await autolabJson(root, LAUNCH);
    expect(launched).toMatchObject({ status: 0 });
    expect(launched.json).not.toHaveProperty('report');
    expect(existsSync(join(root, PAGE))).toBe(false);
    expect(await autolabJson(root, ['report'])).toMatchObject({
      status: 0,
      json: { report: PAGE, layout: expect.any(Number) },
    });
    expect(read(root, PAGE)).toMatch(HEAD);
  });

  it.each<[string, readonly string[]]>([
    ['cancel', ['cancel']],
    ['resume', ['resume', '--wait-timeout', '1']],
    ['cancel --force', ['cancel', '--force', '--by', 'ada', '--note', 'gone']],
  ])('it is there, whichever command closes the run: %s', async (_, words) => {
    const root = makeProject({ entrypoint: WAITING });
    await autolab(root, [...LAUNCH, '--detach']);
    const runId = await begun(root);
    if (words[0] === 'resume') {
      letEnd(root, runId);
      expect(await autolabJson(root, ['resume'])).toMatchObject({ json: { report: PAGE } });
    } else if (words[1] === '--force') {
      // A run whose journal cannot be read has no page, and is abandoned all the same.
      write(root, 'experiments/iter1/runs/r1/journal.jsonl', 'damaged\n');
      const ended = await autolabJson(root, words);
      expect(ended).toMatchObject({ json: { code: 'run.abandoned' } });
      expect(ended.json).not.toHaveProperty('report');
      return;
    } else expect(await autolabJson(root, words)).toMatchObject({ status: 0, json: { report: PAGE } });
    expect(read(root, PAGE)).toMatch(HEAD);
  });

  it('files of both names that the run left keep their bytes, and a note says so', async () => {
    const root = makeProject({
      entrypoint: `cd "$AUTOLAB_RUN_DIR"; for name in report autolab-report; do echo "<h1>$name</h1>" > $name.html; done; echo '{}' > metrics.json`,
    });
    const { status, stderr, stdout } = await autolab(root, LAUNCH);
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /The page of the run was not made: .* autolab made neither\. To make it: autolab report iter1\/r1/,
    );
    expect(stdout).not.toContain('report:');
    expect([read(root, PAGE), read(root, OTHER_PAGE)]).toEqual(['<h1>report</h1>\n', '<h1>autolab-report</h1>\n']);
    expect(await autolabJson(root, ['report'])).toMatchObject({
      status: 12,
      json: { code: 'report.in_the_way', hint: 'Write the page elsewhere: autolab report iter1/r1 --output FILE' },
    });
  });

  it('beside a report.html of the run itself there is autolab-report.html, and that is no output', async () => {
    const root = makeProject({
      entrypoint: `echo '<h1>mine</h1>' > "$AUTOLAB_RUN_DIR/report.html"`,
      artifacts: ['report.html'],
    });
    expect(await autolabJson(root, LAUNCH)).toMatchObject({ status: 0, json: { report: OTHER_PAGE } });
    expect(read(root, PAGE)).toBe('<h1>mine</h1>\n');
    expect((await autolabJson(root, ['verify'])).json['verifiers']).not.toContainEqual(
      expect.objectContaining({ status: 'warn' }),
    );
  });

  it('a required report.html is not the page of an open run', async () => {
    const root = makeProject({ entrypoint: WAITING, artifacts: ['report.html'] });
    await autolab(root, [...LAUNCH, '--detach']);
    const runId = await begun(root);
    const open = PAGE.replace('report.html', 'receipt/report.html');
    expect(await autolabJson(root, ['report'])).toMatchObject({ status: 0, json: { report: open } });
    letEnd(root, runId);
    expect(await autolabJson(root, ['resume'])).toMatchObject({ status: 10, json: { code: 'artifacts.missing' } });
  });

  it('a page of autolab that the run itself left is an output like any other', async () => {
    const root = makeProject({
      entrypoint: `printf '<!doctype html>\\n<!-- autolab page, layout 1 -->\\nmine\\n' > "$AUTOLAB_RUN_DIR/report.html"`,
      artifacts: ['report.html'],
    });
    expect(await autolabJson(root, LAUNCH)).toMatchObject({ status: 0, json: { report: OTHER_PAGE } });
    expect(read(root, PAGE)).toContain('mine');
    expect(read(root, PAGE.replace('report.html', 'artifacts.sha256'))).toContain('  report.html\n');
    expect(await autolabJson(root, ['report'])).toMatchObject({ status: 0, json: { report: OTHER_PAGE } });
    expect((await autolabJson(root, ['verify'])).json['outcome']).toBe('ok');
  });

  it.each(['write.report.html.temporary', 'write.report.html.renamed'])(
    'killed at %s, the run is closed, and the next report makes the page',
    async (point) => {
      const root = makeProject();
      const killed = await autolab(root, LAUNCH, { env: { AUTOLAB_CRASH_AT: point } });
      expect(killed.signal).toBe('SIGKILL');
      expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
      expect(await autolabJson(root, ['report'])).toMatchObject({ status: 0 });
      expect(await autolabJson(root, ['report', '--check'])).toMatchObject({ status: 0 });
      expect((await autolabJson(root, ['verify'])).json['outcome']).toBe('ok');
    },
  );
});

describeOnSmallDisks('on a disk that is full when the claim is gone', () => {
  it('the run ends as it would, without a page, and a command makes it', async () => {
    await onSmallDisk({}, async ({ root, fill, makeRoom }) => {
      const start = (env: Readonly<Record<string, string>>): Running =>
        startAutolab(root, [...LAUNCH, '--json'], { env });
      const full = {
        begin: () => {
          fill('bytes');
        },
        end: makeRoom,
      };
      expect(await launchedDuring(root, 'close.claim_cleared', start, full)).toBe('run.completed');
      expect(existsSync(join(root, PAGE))).toBe(false);
      expect(await autolabJson(root, ['report', 'iter1/r1'])).toMatchObject({ status: 0 });
    });
  });
});

describe('autolab report', () => {
  it('makes the same bytes again, wherever and whenever', async () => {
    const root = makeProject();
    await autolab(root, LAUNCH);
    const page = read(root, PAGE);
    const env = { TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    const { stdout } = await autolab(root, ['report', '--output', '-'], { env });
    expect(stdout).toBe(page);
    expect(await autolabJson(root, ['report', '--check'], { env })).toMatchObject({ status: 0 });
  });

  it('--check says where a page differs, that there is none, and that one has another layout', async () => {
    const root = makeProject();
    await autolab(root, LAUNCH);
    const page = read(root, PAGE);
    write(root, PAGE, page.replace(/completed/i, 'perfected'));
    const before = treeDigest(root);
    const differs = await autolabJson(root, ['report', '--check']);
    expect(differs).toMatchObject({ status: 10, json: { code: 'report.differs' } });
    expect(differs.json['message']).toMatch(
      /^experiments\/iter1\/runs\/r1\/report\.html:\d+:\d+: the page is not the one/,
    );
    expect(differs.json['hint']).toContain('autolab report iter1/r1');
    expect(treeDigest(root)).toBe(before);

    write(root, PAGE, page.replace(/layout \d+/, 'layout 9999'));
    expect(await autolabJson(root, ['report', '--check'])).toMatchObject({
      status: 0,
      json: {
        outcome: 'ok',
        code: 'report.other_layout',
        message: expect.stringContaining('has the layout 9999') as string,
      },
    });

    rmSync(join(root, PAGE));
    expect(await autolabJson(root, ['report', '--check'])).toMatchObject({
      status: 10,
      json: { code: 'report.missing', hint: 'Make it: autolab report iter1/r1' },
    });
    await autolab(root, ['report', 'iter1/r1']);
    expect(read(root, PAGE)).toBe(page);
  });

  it('--output writes to a new file or over a page, and over nothing else', async () => {
    const root = makeProject();
    await autolab(root, LAUNCH);
    const folder = temporaryFolder();
    const [file, link, pipe] = ['page.html', 'link.html', 'pipe'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (let time = 0; time < 2; time += 1)
      expect(await autolabJson(root, ['report', '--output', file])).toMatchObject({
        status: 0,
        json: { report: file },
      });
    expect(readFileSync(file, 'utf8')).toBe(read(root, PAGE));
    expect(await autolabJson(root, ['report', '--check', '--output', file])).toMatchObject({ status: 0 });

    symlinkSync('/dev/null', link);
    writeFileSync(pipe, 'notes');
    for (const output of [link, pipe, folder, '/dev/null', 'experiments/iter1/design.yaml'])
      expect(await autolabJson(root, ['report', '--output', output])).toMatchObject({
        status: 12,
        json: { code: 'report.in_the_way' },
      });
    expect(readFileSync(pipe, 'utf8')).toBe('notes');
    expect(await autolabJson(root, ['report', '--output', join(folder, 'no/page.html')])).toMatchObject({ status: 2 });
  });

  it.each([
    [['--check', '--output', '-'], '--check compares a file'],
    [['--open', '--check'], '--open opens a page that is written'],
    [['r1', '--all'], '--all is the page of all runs'],
  ])('%j: the words contradict each other', async (words, message) => {
    const root = makeProject();
    expect(await autolabJson(root, ['report', ...words])).toMatchObject({
      status: 2,
      json: { message: expect.stringContaining(message) as string },
    });
  });

  it('--open hands the page to the desktop; without one it says where the page is', async () => {
    const root = makeProject();
    await autolab(root, LAUNCH);
    const opened = join(temporaryFolder(), 'opened');
    const env = { ...fakeCommands({ 'xdg-open': `echo "$1" > ${opened}` }), DISPLAY: ':7' };
    expect(await autolabJson(root, ['report', '--open'], { env })).toMatchObject({ status: 0, json: { opened: true } });
    expect(readFileSync(opened, 'utf8')).toBe(`${join(root, PAGE)}\n`);

    const without = await autolabJson(root, ['report', '--open'], {
      env: { DISPLAY: undefined, WAYLAND_DISPLAY: undefined },
    });
    expect(without).toMatchObject({
      status: 0,
      json: { opened: false, hint: `Open it in a browser: file://${join(root, PAGE)}` },
    });
    const failing = { ...fakeCommands({ 'xdg-open': 'exit 4' }), DISPLAY: ':7' };
    expect(await autolabJson(root, ['report', '--open'], { env: failing })).toMatchObject({
      status: 0,
      json: { opened: false, message: expect.stringContaining('xdg-open failed') as string },
    });
  });

  it('has an answer for a run that is not there, has no journal, or a damaged one', async () => {
    const root = makeProject();
    expect(await autolabJson(root, ['report'])).toMatchObject({ status: 12, json: { code: 'run.not_found' } });
    mkdirSync(inRun(root, 'iter1', 'r9'), { recursive: true });
    expect(await autolabJson(root, ['report', 'r9'])).toMatchObject({ status: 12, json: { code: 'run.not_found' } });
    write(root, 'experiments/iter1/runs/r9/journal.jsonl', '{"seq": 1}\n');
    expect(await autolabJson(root, ['report', 'r9'])).toMatchObject({ status: 12, json: { code: 'journal.corrupt' } });
  });

  it('writes no page through a link that leads out of the project', async () => {
    const root = makeProject();
    await autolab(root, LAUNCH);
    const outside = temporaryFolder();
    rmSync(inRun(root, 'iter1', 'r1', 'report.html'));
    write(outside, 'r1', '');
    rmSync(join(outside, 'r1'));
    startMoved(root, outside);
    const ended = await autolabJson(root, ['report', 'iter1/r1']);
    expect(ended).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
    expect(existsSync(join(outside, 'r1/report.html'))).toBe(false);
  });
});

/** The folder of the run goes elsewhere, with a link in its place. */
function startMoved(root: string, outside: string): void {
  const run = inRun(root, 'iter1', 'r1');
  mkdirSync(join(outside, 'r1'));
  for (const name of ['journal.jsonl', 'run_manifest.json', 'artifacts.sha256'])
    writeFileSync(join(outside, 'r1', name), readFileSync(join(run, name)));
  rmSync(run, { recursive: true });
  symlinkSync(join(outside, 'r1'), run);
}

describe('autolab report --all', () => {
  const PROJECT_PAGE = 'experiments/report.html';

  it('lists all runs, best first, with links to the pages that are there', async () => {
    const root = measuredProject({ entrypoint: 'echo "{\\"accuracy\\": 0.$SCORE}" > "$AUTOLAB_RUN_DIR/metrics.json"' });
    const state = read(root, '.autolab/state.json');
    for (const [run, score] of [
      ['worst', '60'],
      ['best', '90'],
      ['middle', '75'],
    ] as const) {
      write(root, '.autolab/state.json', state);
      expect(await autolabJson(root, ['launch', '--run-id', run], { env: { SCORE: score } })).toMatchObject({
        status: 0,
      });
    }
    write(root, '.autolab/state.json', state);
    write(root, 'experiments/iter1/main.sh', 'exit 3');
    expect(await autolabJson(root, ['launch', '--run-id', 'broken'])).toMatchObject({ status: 10 });
    rmSync(inRun(root, 'iter1', 'middle', 'report.html'));

    expect(await autolabJson(root, ['report', '--all'])).toMatchObject({ status: 0, json: { report: PROJECT_PAGE } });
    const page = read(root, PROJECT_PAGE);
    expect(page).toMatch(HEAD);
    const rows = [...page.matchAll(/<tr[^>]*><th scope="row">(.*)<\/tr>/g)]
      .map(([, row = '']) => row)
      .filter((row) => row.includes('iter1'));
    expect(rows.map((row) => /best|middle|worst|broken/.exec(row)?.[0])).toEqual(['best', 'middle', 'worst', 'broken']);
    expect(rows.map((row) => /href="([^"]*)"/.exec(row)?.[1])).toEqual([
      'iter1/runs/best/report.html',
      undefined,
      'iter1/runs/worst/report.html',
      'iter1/runs/broken/report.html',
    ]);
    expect(rows[0]).toContain('0.9');
    expect(rows[0]).toContain('+0.4');

    const env = { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8' };
    expect(await autolabJson(root, ['report', '--all', '--check'], { env })).toMatchObject({ status: 0 });
    write(root, PROJECT_PAGE, page.replace('0.9', '0.99'));
    expect(await autolabJson(root, ['report', '--all', '--check'])).toMatchObject({
      status: 10,
      json: { code: 'report.differs', hint: expect.stringContaining('autolab report --all') as string },
    });
  });

  it('is no code, and replaces no file of somebody else', async () => {
    const root = makeProject({ git: true });
    await autolab(root, LAUNCH);
    await autolab(root, ['report', '--all']);
    expect(existsSync(join(root, PROJECT_PAGE))).toBe(true);
    edit(root, '.autolab/state.json', (text) => text.replace('"extract_results"', '"launch"'));
    expect(await autolabJson(root, ['launch', '--run-id', 'r2'])).toMatchObject({ status: 0 });
    expect(readFileSync(inRun(root, 'iter1', 'r2', 'code.sha256'), 'utf8')).not.toContain('report.html');

    write(root, PROJECT_PAGE, '<h1>mine</h1>');
    expect(await autolabJson(root, ['report', '--all'])).toMatchObject({
      status: 12,
      json: { code: 'report.in_the_way', hint: 'Write the page elsewhere: autolab report --all --output FILE' },
    });
    expect(read(root, PROJECT_PAGE)).toBe('<h1>mine</h1>');
  });

  it('also has a run whose journal is damaged; without any run there is no page', async () => {
    const root = makeProject();
    expect(await autolabJson(root, ['report', '--all'])).toMatchObject({ status: 12, json: { code: 'run.not_found' } });
    write(root, 'experiments/iter1/runs/r9/journal.jsonl', '{"seq": 1}\n');
    expect(await autolabJson(root, ['report', '--all'])).toMatchObject({ status: 0 });
    expect(read(root, PROJECT_PAGE)).toContain('Unreadable');
  });
});

describe('the page of an old record', () => {
  it.each(CLOSED)('%s: is made, and is the same when it is checked', async (name) => {
    const { journal, manifest } = recordOf(name);
    const { run_id, iteration_id } = JSON.parse(manifest) as { run_id: string; iteration_id: string };
    const root = makeProject();
    write(root, `experiments/${iteration_id}/runs/${run_id}/journal.jsonl`, journal);
    const words = ['report', `${iteration_id}/${run_id}`];
    expect(await autolabJson(root, words)).toMatchObject({ status: 0 });
    expect(read(root, `experiments/${iteration_id}/runs/${run_id}/report.html`)).toMatch(HEAD);
    expect(await autolabJson(root, [...words, '--check'])).toMatchObject({ status: 0 });
  });

  it('also of one that is open', async () => {
    const root = openProject('open-local-running');
    expect(await autolabJson(root, ['report'])).toMatchObject({ status: 0 });
    const { run_id, iteration_id } = readJson(root, '.autolab/active_run.json') as {
      run_id: string;
      iteration_id: string;
    };
    expect(read(root, `experiments/${iteration_id}/runs/${run_id}/receipt/report.html`)).toMatch(HEAD);
  });
});
