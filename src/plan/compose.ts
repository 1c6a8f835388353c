import { codeRootOf } from '../code/snapshot/places.ts';
import type { Problem } from '../errors/problem.ts';
import type { ExecutorPlan } from '../executors/executor.ts';
import { entrypointWords, type Placeholder, resolveWords, shellWords } from '../launch-scripts/entrypoint.ts';
import { sha256 } from '../platform/ids.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { VERSION } from '../platform/version.ts';
import type { Design } from '../project/design.ts';
import type { Activation } from '../project/environment.ts';
import { wantsCompactManifest } from '../project/line-limits.ts';
import { JOURNAL_FORMAT } from '../records/journal.ts';
import { BACKLOG, runPaths, STATE } from '../records/paths.ts';
import type { OpenedData, PositionData, RemoteOrder } from '../records/run-data.ts';
import type { Look } from './look.ts';
import type { ChosenProfile } from './profile.ts';
import type { RenderedPrompt } from './prompt.ts';
import { resourceRequestOf } from './resource-request.ts';
import type { ChosenScript } from './script.ts';
import { codeOrder } from './snapshot.ts';
import { tasksOrder } from './tasks.ts';

/** Everything that was decided, once all checks have passed. */
export interface Decided {
  readonly look: Look;
  readonly runId: string;
  readonly mode: OpenedData['launch_mode'];
  readonly design: Design;
  readonly profile: ChosenProfile;
  readonly activation: Activation;
  readonly prompt: Extract<RenderedPrompt, { ok: true }>;
  /** Of the launch. */
  readonly script: ChosenScript;
  /** Text of the script that only says what is run; null if it is left as it is, left out if there is none. */
  readonly commandRecord?: string | null;
  readonly plan: ExecutorPlan;
  readonly remote: RemoteOrder | null;
  /** The project as the run sees it. */
  readonly siteRoot: string;
  readonly scratch: string;
  readonly environmentSet: Readonly<Record<string, string>>;
  /** Warnings that no document is at fault for. */
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
  readonly position: PositionData;
  readonly allowOpenTodo: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** The first line of the run's journal. Pure. */
export function composeRun(decided: Decided): OpenedData {
  const { look, runId, design, profile, script, plan, scratch } = decided;
  const { guarded, project, detection, setup, openTodo } = look;
  const { iteration_id: iterationId } = guarded.state;
  const code = codeOrder(look, decided.remote);
  const values = placeholdersOf(decided, code);
  const words = entrypointWords(design.entrypoint, profile.python);
  const argv = resolveWords(words, values);
  return {
    format: JOURNAL_FORMAT,
    autolab_version: VERSION,
    run_id: runId,
    iteration_id: iterationId,
    experiment_id: guarded.experiment.id,
    launch_mode: decided.mode,
    host: { ...detection.record, ...(setup === null ? {} : { setup }) },
    inputs: {
      [STATE]: guarded.stateSha256,
      [BACKLOG]: sha256(guarded.backlogText),
      ...project.digests,
      ...decided.prompt.digests,
    },
    resource_request: resourceRequestOf(design),
    entrypoint: {
      template: shellWords(words),
      argv,
      script: script.file,
      script_sha256: sha256(script.text),
      script_source: script.source,
    },
    command: quoteArgv(plan.argv ?? argv),
    activation_sha256: decided.activation.sha256,
    activation_line: decided.activation.line,
    artifacts: design.artifacts.map((artifact) => ({
      path: artifact.path,
      required: artifact.required,
      from: artifact.from === null ? null : resolveText(artifact.from, values),
    })),
    ...optionalParts(look, design),
    scratch,
    environment_set: decided.environmentSet,
    todo: { open: [...openTodo], allowed_open: decided.allowOpenTodo },
    warnings: [...warningsIn(decided.problems), ...decided.notes],
    position: decided.position,
    keep_temporary: project.config.keep_temporary,
    ...(wantsCompactManifest(project.limits, runId) ? { manifest_layout: 'compact' as const } : {}),
    ...code,
    documents: {
      script: script.text,
      ...(decided.commandRecord === undefined ? {} : { command_record: decided.commandRecord }),
      ...(script.activation === null ? {} : { activation: script.activation }),
      prompt: decided.prompt.text,
      context: decided.prompt.context,
    },
    ...plan.opened,
    remote: decided.remote,
    prepared_at: decided.at,
  };
}

/** Left out if the design says nothing of them. */
function optionalParts(look: Look, design: Design): Pick<OpenedData, 'tasks' | 'data_inputs' | 'metrics'> {
  const tasks = tasksOrder(look.tasks, design);
  return {
    ...(tasks === null ? {} : { tasks }),
    ...(look.inputs.recorded === null ? {} : { data_inputs: look.inputs.recorded.inputs }),
    ...(design.metrics === null ? {} : { metrics: declaredMetrics(design.metrics, design.baselines) }),
  };
}

function declaredMetrics(
  { file, primary, others }: NonNullable<Design['metrics']>,
  baselines: Design['baselines'],
): NonNullable<OpenedData['metrics']> {
  return {
    file,
    primary,
    others: [...others],
    baselines: baselines.map(({ name, value, others: further }) => ({ name, value, others: further })),
  };
}

function placeholdersOf(
  { look, runId, siteRoot, scratch }: Decided,
  code: Pick<OpenedData, 'snapshot'>,
): Readonly<Record<Placeholder, string>> {
  const { iteration_id } = look.guarded.state;
  return {
    run_id: runId,
    run_dir: runPaths(siteRoot, iteration_id, runId).folder,
    iteration_id,
    repo_root: codeRootOf(siteRoot, { run_id: runId, ...code }),
    scratch,
  };
}

function warningsIn(problems: readonly Problem[]): string[] {
  return problems.filter(({ severity }) => severity === 'warning').map(({ file, message }) => `${file}: ${message}`);
}

function resolveText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{\s*([a-z_]+)\s*\}\}/g, (all, name: string) => values[name] ?? all);
}
