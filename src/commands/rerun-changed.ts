import { hasErrors, problemOfFile } from '../documents/located.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import { fail, type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { besides } from '../platform/listing.ts';
import { sentence } from '../platform/sentence.ts';
import { readDesign } from '../project/design.ts';
import { changedDesign } from '../project/design-changes.ts';
import { partsOfDesign } from '../project/design-parts.ts';
import { checkPathId, freeName } from '../project/ids.ts';
import { designText, type NewDesign } from '../project/new-design.ts';
import { designFileOf } from '../project/read.ts';
import { makeExperiment } from './new-experiment.ts';
import { type Lack, lacksOf } from './new-lacks.ts';
import { type NewFiles, placeTaken } from './new-place.ts';
import { recordedDesign } from './recorded-design.ts';
import type { Rerunning, RunToRepeat } from './rerunning.ts';
import { type CommandResult, resultOfFailure, stageKeys, succeed } from './result.ts';

/** A new experiment from the design that a run had, with other values. */

const COMMAND = 'rerun';

interface ChangedPlan {
  readonly files: NewFiles;
  readonly lacks: readonly Lack[];
  readonly warnings: readonly Problem[];
}

export async function rerunChanged(root: string, run: RunToRepeat, wish: Rerunning): Promise<CommandResult> {
  const { run_id, iteration_id } = run.peek.view.opened;
  const parts = { iteration_id, run_id };
  const text = await recordedDesign(root, run.peek);
  if (!text.ok) return resultOfFailure(COMMAND, text.failure, parts);
  const planned = planChanged(root, run, wish, text.value);
  if (!planned.ok) return resultOfFailure(COMMAND, planned.failure, parts);
  const { files, lacks, warnings } = planned.value;
  const made = makeExperiment(root, COMMAND, wish, { documents: run.documents, files, lacks });
  if (!made.ok) return resultOfFailure(COMMAND, made.failure, parts);
  const { state } = run.documents;
  const { stage, created } = made.value;
  const after = { stage, stage_attempt: 0, max_stage_attempts: state.max_stage_attempts };
  const what = wish.set.length === 0 ? '' : `, with ${wish.set.join(', ')}`;
  const done =
    created.length === 0 ? `The experiment ${files.id} is there already` : `Created the experiment ${files.id}`;
  const design = designFileOf(files.id);
  return succeed(
    COMMAND,
    {
      message: `${done}: the design of ${run_id}${what}. It is at the stage ${stage}.`,
      hint: 'Look at it, then: autolab approve --by WHO',
    },
    {
      iteration_id: files.id,
      experiment_id: files.id,
      ...stageKeys(state, after),
      problems: [...warnings, ...lacks.map(({ problem }) => problem)],
      details: {
        from_run: run_id,
        design,
        created: created.length === 0 ? [] : [design, '.autolab/backlog.yaml', '.autolab/state.json'],
      },
    },
  );
}

/** Everything that is wrong with the call at once, or what is to be written. */
function planChanged(root: string, run: RunToRepeat, wish: Rerunning, text: string): Result<ChangedPlan> {
  const { iteration_id } = run.peek.view.opened;
  const file = designFileOf(iteration_id);
  const { value: source, problems } = partsOfDesign(text, file, iteration_id);
  if (source === null) return fail('design.invalid', { message: `The design of the run has errors.`, problems });
  const { design, problems: wrong } = changedDesign(source, wish.set);
  const reason = wish.id === null ? null : checkPathId(wish.id);
  const complaints = [
    ...wrong.map((message) => problemOfFile(file, 'value.invalid', message)),
    ...(reason === null ? [] : [problemOfFile(file, 'path.unsafe_id', `\`--id\` ${reason}`)]),
  ];
  const read = readDesign(yamlDocument(designText(design), file));
  // Whatever the source has said already was no obstacle to its run.
  const all = [...complaints, ...read.problems.map((problem) => ({ ...problem, line: null, column: null }))];
  if (hasErrors(all)) return { ok: false, failure: invalid(all) };
  const id = wish.id ?? freeId(root, run, design, iteration_id);
  const tooLong = checkPathId(id);
  if (tooLong !== null)
    return fail('path.unsafe_id', { message: `The id ${id} ${tooLong}.`, hint: 'Name it: --id ID' });
  const files = filesFor(design, id);
  const taken = placeTaken(root, run.documents.backlog, files);
  if (taken !== null) return { ok: false, failure: taken };
  const location = read.value?.compute.location ?? 'local';
  const lacks = lacksOf(root, read.value, location, designFileOf(id));
  const [first] = lacks;
  if (wish.toLaunch && first !== undefined)
    return fail('experiment.incomplete', {
      message: sentence(first.problem.message),
      problems: lacks.map(({ problem }) => problem),
    });
  return ok({ files, lacks, warnings: all });
}

function invalid(problems: readonly Problem[]): Failure {
  const [first, ...others] = problems.filter(({ severity }) => severity === 'error');
  const message = sentence(`Nothing was made: ${first?.message ?? ''}${besides(others.length)}`);
  const code = problems.some((problem) => problem.code === 'path.unsafe_id') ? 'path.unsafe_id' : 'usage';
  return failureOf(code, { message, problems, hint: 'See: autolab rerun --help' });
}

function filesFor(design: NewDesign, id: string): NewFiles {
  const { hypothesisId } = design;
  const entry = { id, ...(hypothesisId === null ? {} : { hypothesis_id: hypothesisId }), iteration_id: id };
  const text = designText({ ...design, id });
  return { id, designText: text, entry: { ...entry, status: 'open' }, hypothesis: null, copy: null };
}

/** The first number that is free, or has what an interrupted call of the same words left. */
function freeId(root: string, { documents }: RunToRepeat, design: NewDesign, from: string): string {
  const stem = from.replace(/-\d{1,3}$/, '');
  return freeName(
    stem,
    (name) => name === stem || placeTaken(root, documents.backlog, filesFor(design, name)) !== null,
  );
}
