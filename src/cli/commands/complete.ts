import { resolve } from 'node:path';
import { callSuccess, findProject, openProject, type Project } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { type Asked, type Candidate, candidatesFor } from '../completion.ts';
import { visible } from '../render/visible.ts';

/** What the completion scripts ask: a line for each candidate, with a tab before its description. */
export const complete: CommandHandler = async (_ctx, words) => {
  const asked = candidatesFor(words);
  const found = 'what' in asked ? await namesOf(asked) : asked;
  const text = found
    // The shell prints them as they are.
    .filter(({ word }) => visible(word) === word)
    .map(({ word, description }) => `${word}${description === '' ? '' : `\t${visible(description)}`}\n`)
    .join('');
  return {
    result: callSuccess('__complete', `${found.length} candidates.`),
    text,
  };
};

/** Where there is no project, or it cannot be read, there is nothing to complete: that is no failure. */
async function namesOf(asked: Asked): Promise<readonly Candidate[]> {
  const root = findProject(resolve(asked.directory ?? '.'));
  if (root === null) return [];
  const names = await readNames(openProject(root), asked);
  return names
    .filter(({ word }) => word.startsWith(asked.word))
    .map(({ word, description }) => ({ word: `${asked.prefix}${word}`, description }));
}

async function readNames(project: Project, { what, word }: Asked): Promise<readonly Candidate[]> {
  if (what === 'task') {
    const { tasks = [] } = await project.todo.list();
    return tasks.map(({ task_id, text }) => ({ word: task_id, description: oneLine(text) }));
  }
  if (what === 'active-run') {
    const { run_id } = await project.status();
    return [...(run_id === null ? [] : [{ word: run_id, description: 'the active run' }]), NO_RUN];
  }
  const { runs = [] } = await project.names();
  // A run is named by its id, or by its iteration and its id.
  const iterations = [...new Set(runs.map(({ iteration_id }) => iteration_id))];
  if (word.includes('/'))
    return runs.map(({ iteration_id, run_id }) => ({ word: `${iteration_id}/${run_id}`, description: '' }));
  return [
    ...runs.map(({ iteration_id, run_id }) => ({ word: run_id, description: `a run of ${oneLine(iteration_id)}` })),
    ...iterations.map((id) => ({ word: `${id}/`, description: 'the runs of this iteration' })),
  ].filter((candidate) => !/[\s\p{Cc}]/u.test(candidate.word));
}

const NO_RUN: Candidate = { word: 'none', description: 'no run is active' };

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, 60);
}
