import { describe, expect, it } from 'vitest';
import { HOSTILE, recordIn } from '../../../test/support/pages/sample-records.ts';
import { sampleTasks } from '../../../test/support/pages/sample-tasks.ts';
import type { RunRecord } from '../read-record.ts';
import { renderRunPage } from './run-page.ts';

const SAMPLES = sampleTasks();

function sample(name: string): RunRecord {
  const record = SAMPLES.get(name);
  if (record === undefined) throw new Error(`There is no sample ${name}.`);
  return record;
}

function sectionOf(record: RunRecord): string {
  return /<section aria-labelledby="tasks">[^]*?<\/section>/.exec(renderRunPage(record))?.[0] ?? '';
}

describe('the tasks on the page of a run', () => {
  it('are counted, and drawn as a grid with means over the seeds', () => {
    const page = renderRunPage(sample('tasks-grid'));
    expect(page).toContain(
      '60 of 60 tasks completed. Parameters, with their number of values: lr (5), width (4), seed (3).',
    );
    expect(page).toContain('These values are the mean of 3 tasks with lr=0.03, width=64, the best of 20 settings.');
    expect(page).toContain('<title id="grid-0-t">accuracy</title>');
    expect(page).toContain('mean over seed, ±');
    expect(page).toContain('<dt>Tasks completed</dt><dd>60<small>of 60</small>');
    expect(page).toMatch(/<tr class="main"><th scope="row">0.03<\/th><td>64<\/td><td class="n">3<\/td>/);
  });

  it('that failed come first, with their logs', () => {
    const section = sectionOf(sample('tasks-failed'));
    const rows = [...section.matchAll(/<tr><th scope="row">(\d+)<\/th>.*?class="tone \w+">([a-z ]+)</g)].map(
      ([, index, state]) => `${index ?? ''} ${state ?? ''}`,
    );
    expect(rows.slice(0, 3)).toEqual(['3 failed', '4 failed', '5 failed']);
    expect(rows.slice(10, 16)).toEqual([
      ...['40 end unknown', '57 cancelled', '58 not started', '59 not started'],
      ...['32 completed', '31 completed'],
    ]);
    expect(section).toContain('<h4>Task 3: stderr.log</h4>');
    expect(section).toContain('ValueError: the loss is not a number');
    expect(section).toMatch(/some of its tasks have no value<\/li><li>.*failed<\/li><li>.*no value<\/li>/);
    expect(renderRunPage(sample('tasks-failed'))).toContain('Some tasks failed</h1>');
  });

  it.each([
    ['tasks-line', 'values-t', 'mean and standard deviation'],
    ['tasks-seeds', 'values-t', '8 tasks over seed'],
    ['tasks-three', 'grid-1-t', 'optimizer = sgd'],
    ['tasks-four', 'parallel-t', '300 settings of lr, dropout, layers, optimizer'],
    ['tasks-states', 'states-t', 'Each task by its state'],
    ['tasks-many', 'grid-0-t', '9896 combinations of a and b'],
  ])('%s: the picture suits the parameters', (name, id, words) => {
    const section = sectionOf(sample(name));
    expect(section).toContain(`id="${id}"`);
    expect(section).toContain(words);
    expect(section.match(/<figure class="map">/g)).toHaveLength(1);
  });

  it('of an open run are drawn by their state so far', () => {
    const record = sample('tasks-open');
    const section = sectionOf(record);
    expect(section).toContain('40 tasks. Parameters');
    expect(section).toContain(
      'aria-label="Tasks by state: 20 completed, 1 failed, 1 cancelled, 4 running, 14 waiting"',
    );
    expect(section).toContain('The run is open: this is how far its tasks are.');
    expect(section).toContain('id="states-t"');
    expect(section).not.toContain('or is not the one that was recorded');
  });

  it('are not drawn if there is one', () => {
    const section = sectionOf(sample('tasks-single'));
    expect(section).not.toContain('<figure');
    expect(section).toContain('1 of 1 task completed.');
  });

  it('stay a small page with 10,000', () => {
    const page = renderRunPage(sample('tasks-many'));
    expect(Buffer.byteLength(page)).toBeLessThan(500_000);
    expect(page).toContain('9800 more of 10000 tasks: autolab tasks.');
  });

  it('with hostile values are text', () => {
    const page = renderRunPage(sample('tasks-hostile'));
    expect(page.match(/<\/?(?:script|img)/g)).toBeNull();
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]|\p{Cs}/u);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(HOSTILE).toContain('<img');
  });

  it('are said to be missing if their list was changed, and are not on other pages', () => {
    const record = sample('tasks-grid');
    expect(sectionOf({ ...record, tasks: null })).toContain(
      'The list of results is gone, or is not the one that was recorded.',
    );
    const page = renderRunPage(recordIn('format-2/local-completed/journal.jsonl'));
    expect(page).not.toMatch(/id="tasks"|heat-key/);
  });
});
