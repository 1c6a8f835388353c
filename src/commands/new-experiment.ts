import { hasErrors, problemOfFile } from '../documents/located.ts';
import { readSource } from '../documents/source.ts';
import { fail, type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import { besides } from '../platform/listing.ts';
import { sentence } from '../platform/sentence.ts';
import type { Backlog } from '../project/backlog.ts';
import { partsOfDesign } from '../project/design-parts.ts';
import type { NewDesign } from '../project/new-design.ts';
import { locationOf, type NewWish, type WishedDesign, wishedDesign } from '../project/new-wish.ts';
import { designFileOf, readGuardDocuments, reviewFileOf } from '../project/read.ts';
import { keptPosition } from '../run/positions.ts';
import { switchExperiment } from './move-stage.ts';
import { misplacedScript, oneWord } from './new-command.ts';
import { commandLacks, type Lack, lacksOf } from './new-lacks.ts';
import { placeList } from './new-list.ts';
import { contradiction, locationHere } from './new-location.ts';
import { isPlaced, type NewFiles, placeFiles, placeTakenNow } from './new-place.ts';
import { type NewPlan, refusedNew, resultOfNew } from './new-result.ts';
import { ignoredDirectives } from './new-sbatch.ts';
import { type TasksOfNew, tasksOfNew } from './new-tasks.ts';
import type { CommandResult } from './result.ts';

/** `autolab new`: a backlog entry, a design, and the state pointed at them. */

export interface NewExperimentWish extends Omit<NewWish, 'location'> {
  /** Null for what this host has. */
  readonly location: NewWish['location'] | null;
  /** The experiment whose design is taken; null for none. */
  readonly from: string | null;
  /** It is to be launched by the same call: nothing may be missing. */
  readonly toLaunch: boolean;
  readonly by: string | null;
  readonly note: string | null;
}

const COMMAND = 'new';

export async function newExperiment(root: string, wish: NewExperimentWish): Promise<CommandResult> {
  const planned = await planExperiment(root, wish);
  if (!planned.ok) return refusedNew(planned.failure);
  const made = makeExperiment(root, COMMAND, wish, planned.value);
  return made.ok ? resultOfNew(planned.value, made.value) : refusedNew(made.failure, planned.value);
}

/** Everything that is wrong with the call at once, or what is to be written. Writes nothing. */
async function planExperiment(root: string, wish: NewExperimentWish): Promise<Result<NewPlan>> {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents;
  const { backlog } = documents.value;
  const source = wish.from === null ? ok(null) : sourceOf(root, backlog, wish.from, wish.id);
  const parts = source.ok ? source.value : null;
  const place = await placeOf(root, wish, parts);
  if (!place.ok) return place;
  const { location, detected } = place.value;
  const { wished, tasks, copy } = withMore(root, wish, location, parts, backlog);
  if (!source.ok) return withProblems(source.failure, wished);
  if (hasErrors(wished.problems)) return { ok: false, failure: invalid(wished) };
  const files = filesOf(wish.id, wished, copy);
  const obstacle = placeTakenNow(root, backlog, files);
  if (obstacle !== null) return { ok: false, failure: obstacle };
  const lacks = lacksOf(root, wished.design, location, designFileOf(wish.id));
  if (wish.toLaunch && lacks.length > 0) return { ok: false, failure: incomplete(wish.id, lacks) };
  const given = [...Object.keys({ ...parts?.compute, ...wish.compute }), ...(tasks === null ? [] : ['array'])];
  const warnings = [...wished.problems, ...ignoredDirectives(root, wished.design, given)];
  return ok({ documents: documents.value, files, location, detected, tasks, lacks, warnings });
}

/** What is wrong with a call in a folder that has no project yet. */
export async function planInNewProject(root: string, wish: NewExperimentWish): Promise<Result<null>> {
  const empty = { hypotheses: [], experiments: [] };
  if (wish.from !== null) return { ok: false, failure: noSource(empty, wish.from) };
  const place = await placeOf(root, wish, null);
  if (!place.ok) return place;
  const { wished } = withMore(root, wish, place.value.location, null, empty);
  if (hasErrors(wished.problems)) return { ok: false, failure: invalid(wished) };
  const lacks = wish.toLaunch ? commandLacks(root, wished.design, designFileOf(wish.id)) : [];
  return lacks.length > 0 ? { ok: false, failure: incomplete(wish.id, lacks) } : ok(null);
}

/** The location that was given, else that of the source, else what this host has. */
async function placeOf(
  root: string,
  wish: NewExperimentWish,
  source: NewDesign | null,
): Promise<Result<{ readonly location: NewWish['location']; readonly detected: string | null }>> {
  const given = locationOf(wish.location ?? wish.compute['location'] ?? source?.compute['location']);
  return given === null ? locationHere(root) : ok({ location: given, detected: null });
}

/** The parts of another experiment's design. */
function sourceOf(root: string, backlog: Backlog, from: string, id: string): Result<NewDesign> {
  const entry = backlog.experiments.find((one) => one.id === from || one.iteration_id === from);
  if (entry === undefined) return { ok: false, failure: noSource(backlog, from) };
  const file = designFileOf(entry.iteration_id ?? entry.id);
  const read = readSource(root, file);
  if (read.text === null)
    return fail('design.invalid', { message: `${file} cannot be used.`, problems: read.problems });
  const { value, problems } = partsOfDesign(read.text, file, id);
  return value === null ? fail('design.invalid', { message: `${file} has errors.`, problems }) : ok(value);
}

function filesOf(id: string, { text, hypothesis, hypothesisId }: WishedDesign, copy: NewFiles['copy']): NewFiles {
  const entry = { id, ...(hypothesisId === null ? {} : { hypothesis_id: hypothesisId }), iteration_id: id } as const;
  return { id, designText: text, entry: { ...entry, status: 'open' }, hypothesis, copy };
}

interface WishedMore {
  readonly wished: WishedDesign;
  /** Null if the run has one task, or the tasks cannot be read. */
  readonly tasks: TasksOfNew | null;
  readonly copy: NewFiles['copy'];
}

/** Besides the design: who launches approves, paths are those of the run, and what the tasks are is known. */
function withMore(
  root: string,
  wish: NewExperimentWish,
  location: NewWish['location'],
  source: NewDesign | null,
  backlog: Backlog,
): WishedMore {
  const { id, by, toLaunch, command } = wish;
  const list = placeList(root, id, wish.tasks.list);
  const design = wishedDesign({ ...wish, location, tasks: { ...wish.tasks, list: list.file } }, source, backlog);
  const tasks = list.wrong === null ? tasksOfNew(root, design, list.copy) : { found: null, problems: design.problems };
  const unsigned = toLaunch && (by ?? '').trim() === '';
  const wrong = [
    misplacedScript(root, command),
    oneWord(root, command),
    contradiction(wish.location, wish.compute),
    list.wrong,
  ];
  const problems = [
    ...tasks.problems,
    ...(unsigned
      ? [problemOfFile(reviewFileOf(id), 'value.missing', '`--launch` needs `--by WHO`: who approves it')]
      : []),
    ...wrong.flatMap((message) =>
      message === null ? [] : [problemOfFile(designFileOf(id), 'value.invalid', message)],
    ),
  ];
  return { wished: { ...design, problems }, tasks: tasks.found, copy: list.copy };
}

function noSource({ experiments }: Backlog, from: string): Failure {
  const known = experiments.map((one) => one.id).join(', ');
  const message = `No experiment of the backlog has the id ${JSON.stringify(from)} (it has: ${known === '' ? 'none' : known}).`;
  const hint =
    known === '' ? 'Make one without --from: autolab new ID -- COMMAND' : 'Name one of these: --from EXPERIMENT';
  return failureOf('backlog.no_match', { message, hint });
}

/** What the source would have brought is not missing. */
function withProblems(failure: Failure, { problems }: WishedDesign): Result<never> {
  const own = problems.filter(({ code, severity }) => severity === 'error' && code !== 'value.missing');
  return { ok: false, failure: { ...failure, problems: [...failure.problems, ...own] } };
}

function invalid({ problems }: WishedDesign): Failure {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const code = errors.some((problem) => problem.code === 'path.unsafe_id') ? 'path.unsafe_id' : 'usage';
  const [first, ...others] = errors;
  const message = sentence(`Nothing was made: ${first?.message ?? ''}${besides(others.length)}`);
  return failureOf(code, { message, problems, hint: 'See: autolab new --help' });
}

function incomplete(id: string, lacks: readonly Lack[]): Failure {
  const message = `The experiment ${id} cannot be launched yet: ${lacks.map((lack) => lack.problem.message).join('; ')}.`;
  return failureOf('experiment.incomplete', { message, problems: lacks.map(({ problem }) => problem) });
}

/** What a new experiment's workflow begins with: the first stage that lacks something. */
function firstStage(lacks: readonly Lack[]): string {
  const stages = ['design', 'implementation'] as const;
  return stages.find((stage) => lacks.some((lack) => lack.stage === stage)) ?? 'implementation_review';
}

export interface MadeExperiment {
  readonly stage: string;
  readonly created: readonly string[];
}

/** Writes the files, and points the state at them. What is there already stays. */
export function makeExperiment(
  root: string,
  command: string,
  { by, note }: Pick<NewExperimentWish, 'by' | 'note'>,
  { documents, files, lacks }: Pick<NewPlan, 'documents' | 'files' | 'lacks'>,
): Result<MadeExperiment> {
  const { state, backlog } = documents;
  const ids = { iteration_id: files.id, experiment_id: files.id };
  const isCurrent = state.iteration_id === files.id && state.experiment_id === files.id;
  if (isCurrent && isPlaced(root, backlog, files)) return ok({ stage: state.stage, created: [] });
  const fresh = { ...ids, stage: firstStage(lacks), stage_attempt: 0, last_run_id: '', sync_status: '' };
  const to = keptPosition(root, ids) ?? fresh;
  const failure = switchExperiment(root, {
    command,
    from: state,
    to,
    code: 'ok',
    message: `The experiment ${files.id} was made.`,
    ...(by === null ? {} : { by }),
    ...(note === null ? {} : { note }),
    first: () => placeFiles(root, files),
  });
  return failure === null ? ok({ stage: to.stage, created: [designFileOf(files.id)] }) : { ok: false, failure };
}
