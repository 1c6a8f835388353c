import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The lines of a journal with the digests that they have now. `lines`: objects in the order of their keys. */
export function chainedJournal(lines) {
  let prev = '0'.repeat(64);
  const texts = lines.map((line) => {
    const text = JSON.stringify({ ...line, prev });
    prev = createHash('sha256').update(text).digest('hex');
    return `${text}\n`;
  });
  return texts.join('');
}

/**
 * Copies of a run as if they had been runs of their own: a minute later each, with another argument and another metric.
 *
 * @param {string} runs the folder of the runs @param {string} original the id of the run @param {number} count
 */
export function copyRuns(runs, original, count) {
  const journal = readFileSync(join(runs, original, 'journal.jsonl'), 'utf8');
  const began = Date.parse(JSON.parse(journal.slice(0, journal.indexOf('\n'))).at);
  for (let number = 1; number <= count; number += 1) {
    const id = `copy-${String(number).padStart(5, '0')}`;
    const folder = join(runs, id);
    mkdirSync(folder, { recursive: true });
    const metrics = `{"accuracy": ${(0.5 + ((number * 7919) % 4999) / 10_000).toFixed(4)}}\n`;
    const sums = `${sha256(metrics)}  metrics.json\n`;
    const lines = journal
      .replaceAll(original, id)
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]{12}Z"/g, (at) => later(at, began, number))
      .replaceAll('--seed 0', `--seed ${number}`)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const { event, step, data } of lines)
      if (event === 'step.outcome' && ['collect', 'verify_local_artifacts'].includes(step) && data.result?.files)
        Object.assign(data.result, { sha256: sha256(sums), files: 1, bytes: metrics.length });
    writeFileSync(join(folder, 'journal.jsonl'), chainedJournal(lines));
    writeFileSync(join(folder, 'metrics.json'), metrics);
    writeFileSync(join(folder, 'artifacts.sha256'), sums);
    cpSync(join(runs, original, 'report.html'), join(folder, 'report.html'));
  }
  rmSync(join(runs, original), { recursive: true });
}

function later(at, began, minutes) {
  const ms = Date.parse(at.slice(1, -1));
  return ms < began - 1000 ? at : `"${new Date(ms + minutes * 60_000).toISOString()}"`;
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
