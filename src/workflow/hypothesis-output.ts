import { shown } from '../documents/excerpt.ts';
import { hasErrors, problemIn } from '../documents/located.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Problem } from '../errors/problem.ts';
import { type ExperimentIds, matchExperiment, parseBacklog } from '../project/backlog.ts';

/** What the stage `hypothesis` leaves: an experiment in the backlog, and the hypothesis that it tests. Pure. */

/** Why the backlog is not what the stage must leave; empty if it is. */
export function judgeHypothesis(text: string, file: string, ids: ExperimentIds): readonly Problem[] {
  const document = yamlDocument(text, file);
  const { value: backlog, problems } = parseBacklog(text, file, ids);
  if (backlog === null || hasErrors(problems)) return problems;
  const match = matchExperiment(backlog, ids);
  if (match.kind !== 'one') {
    const code = match.kind === 'none' ? 'backlog.no_match' : 'backlog.several_matches';
    const advice = match.kind === 'none' ? '; add one: autolab new ID' : '; keep one of them';
    return [problemIn(document, { pointer: '/experiments', code, message: `${match.message}${advice}` })];
  }
  const { hypothesis_id: id } = match.experiment;
  const at = `/experiments/${backlog.experiments.indexOf(match.experiment)}/hypothesis_id`;
  if (id === null || id === '') {
    const message = '`hypothesis_id` is missing; write the id of the hypothesis that the experiment tests';
    return [problemIn(document, { pointer: at, code: 'value.missing', message })];
  }
  const index = backlog.hypotheses.findIndex((hypothesis) => hypothesis.id === id);
  if (index < 0) {
    const message = `no entry of \`hypotheses\` has the id ${shown(id)}; add it, with its \`title\``;
    return [problemIn(document, { pointer: at, code: 'value.invalid', message })];
  }
  if ((backlog.hypotheses[index]?.title ?? '').trim() !== '') return [];
  const message = '`title` is missing; write in one sentence what you expect';
  return [problemIn(document, { pointer: `/hypotheses/${index}/title`, code: 'value.missing', message })];
}
