import { join } from 'node:path';
import { failureOf } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import type { Emit } from '../events/events.ts';
import { graceObjection } from '../executors/slurm/grace.ts';
import { entrypointWords, resolveWords, shellWords } from '../launch-scripts/entrypoint.ts';
import { exists, listNames } from '../platform/files.ts';
import { newRunId, sha256 } from '../platform/ids.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { now } from '../platform/time.ts';
import { VERSION } from '../platform/version.ts';
import { activationFor } from '../project/environment.ts';
import { checkRunId } from '../project/ids.ts';
import { PROFILES_FILE } from '../project/profiles.ts';
import { readProject } from '../project/read.ts';
import { openLaunchTasks } from '../project/todo.ts';
import { findWorkTree } from '../records/code/commit.ts';
import { JOURNAL_FORMAT } from '../records/journal.ts';
import { BACKLOG, localScript, runPaths, slurmScript, STATE } from '../records/paths.ts';
import type { OpenedData, PositionData } from '../records/run-data.ts';
import type { Objection } from '../run/objection.ts';
import { ownScratch } from '../run/scratch.ts';
import { projectSetup } from '../sites/host-setup.ts';
import { sshTransportTo } from '../sites/ssh/connect.ts';
import { localTransport } from '../transports/local.ts';
import { callerVariables } from './caller-variables.ts';
import { probeHost } from './detect-host.ts';
import { judgeGate } from './gate.ts';
import { gitModeObjections } from './git-mode.ts';
import { type Guarded, guardPlace, guardProject, guardStage } from './guard.ts';
import { detectionOf, lookAtLaunchHost, remoteOrder } from './launch-host.ts';
import type { Prepared, PrepareOptions } from './plan.ts';
import { renderLaunchPrompt } from './prompt.ts';
import { chooseProfile, projectObjections, resourceRequestOf, setupOf, THIS_HOST } from './read-inputs.ts';
import { chooseScript, commandRecord } from './script.ts';
import { slurmOrder } from './slurm-order.ts';

/** guard → read → detect-host → gate. Reads everything, decides everything, writes nothing. */
export async function prepareLaunch(root: string, options: PrepareOptions, emit: Emit): Promise<Prepared> {
  const guarded = guardProject(root);
  if (!guarded.ok) return { kind: 'refused', failure: guarded.failure };
  const staged = guardStage(guarded.value);
  if (!staged.ok) return { kind: 'refused', failure: staged.failure };
  const runId = chooseRunId(root, staged.value, options);
  if ('failure' in runId) return { kind: 'refused', failure: runId.failure };
  return readAndGate(root, staged.value, runId.id, options, emit);
}

/** Digest of what the guards looked at. */
export function guardDigestOf(guarded: Guarded): string {
  return sha256(`${sha256(guarded.stateText)}${sha256(guarded.backlogText)}`);
}

async function readAndGate(
  root: string,
  guarded: Guarded,
  runId: string,
  options: PrepareOptions,
  emit: Emit,
): Promise<Prepared> {
  const { state } = guarded;
  const iterationId = state.iteration_id;
  // If no profile can name another host, and none needs a setup, the probes run while the documents are read.
  const plain = !exists(join(root, PROFILES_FILE)) && projectSetup(root) === null;
  const early = plain ? probeHost(localTransport(root)) : null;
  const project = readProject(root, state);
  const profile = chooseProfile(project, options.profile);
  const openTodo = project.todo === null ? [] : openLaunchTasks(project.todo);
  if (openTodo.length > 0) emit({ type: 'todo', tasks: openTodo });
  const remote = 'code' in profile ? null : profile.remote;
  const setup = setupOf(project, profile);
  const [host, workTree] = await Promise.all([
    lookAtLaunchHost({ root, stateSha256: guarded.stateSha256 }, remote, { setup, early }),
    project.config.require_clean_tree || remote?.mode === 'git' ? findWorkTree(root) : null,
  ]);
  const detection = detectionOf(host, project.config.host_mode);
  const objections = projectObjections(project, {
    detection,
    hostName: remote?.login_host ?? THIS_HOST,
    signs: host.signs,
    openTodo,
    allowOpenTodo: options.allowOpenTodo,
    workTree: project.config.require_clean_tree ? workTree : null,
  });
  if ('code' in profile) objections.push(profile);
  objections.push(...host.objections);
  if (remote !== null && !('code' in profile) && project.design?.compute.location === 'local')
    objections.push({
      code: 'config.invalid',
      message: `The design says compute.location: local, and the profile ${profile.name ?? ''} names another host.`,
      hint: 'Leave --profile out: a local run runs on this host.',
    });
  if (remote?.mode === 'git' && workTree !== null) objections.push(...(await gitModeObjections(root, workTree)));
  for (const message of host.warnings) emit({ type: 'note', message });
  const asked =
    project.design?.compute.location === 'slurm' && detection.record.mode === 'slurm' && host.reached
      ? await callerVariables({
          transport: remote === null ? localTransport(root, setup) : sshTransportTo(remote),
          removed: host.removed,
          values: remote === null ? process.env : null,
          design: project.design,
          file: `experiments/${iterationId}/design.yaml`,
        })
      : null;
  objections.push(...(asked?.objections ?? []));
  const problems: Problem[] = [...guarded.problems, ...project.problems, ...(asked?.problems ?? [])];
  const { design, environment } = project;
  const mode = detection.record.mode;

  const position: PositionData = {
    stage: state.stage,
    stage_attempt: state.stage_attempt,
    max_stage_attempts: state.max_stage_attempts,
  };
  const guardDigest = guardDigestOf(guarded);
  const stop = (more: readonly Objection[] = []): Prepared => ({
    kind: 'gate',
    failure: judgeGate([...objections, ...more], problems) ?? failureOf('internal'),
    position,
    iterationId,
    experimentId: guarded.experiment.id,
    host: detection.record,
    openTodo,
    guardDigest,
  });

  if (mode === null || design === null || environment === null || 'code' in profile) return stop();
  const prompt = renderLaunchPrompt(root, {
    state,
    experimentId: guarded.experiment.id,
    runId,
    mode,
    host: detection.record,
    openTodo,
    objections,
  });
  if (!prompt.ok) {
    problems.push(...prompt.problems);
    return stop([{ code: 'prompt.invalid', message: 'The prompt template cannot be rendered.' }]);
  }
  if (objections.length > 0) return stop();

  const activation = activationFor(environment, mode);
  if (activation === null)
    return stop([{ code: 'environment.invalid', message: `docs/environment.md has no activation for ${mode}.` }]);
  const sent =
    remote === null || host.far === null
      ? null
      : remoteOrder({
          name: profile.name ?? '',
          profile: remote,
          facts: host.far.facts,
          runId,
          prefix: workTree?.kind === 'git' ? workTree.tree.prefix : '',
        });
  const siteRoot = sent?.root ?? root;
  const removedVariables = host.removed;
  const inputs = { design, activation: activation.text, python: profile.python, limits: project.limits, runId };
  const script = await chooseScript(root, mode, inputs);
  problems.push(...script.problems);
  if (script.objections.length > 0) return stop(script.objections);
  const order =
    mode === 'slurm'
      ? slurmOrder(siteRoot, {
          runId,
          script: script.text,
          config: project.config,
          design,
          removedVariables,
          unusedVariables: asked?.unused ?? [],
        })
      : null;
  if (order !== null && 'code' in order) return stop([order]);

  const paths = runPaths(siteRoot, iterationId, runId);
  const scratch = profile.scratch ?? ownScratch(siteRoot, mode, runId);
  const values = { run_id: runId, run_dir: paths.folder, iteration_id: iterationId, repo_root: siteRoot, scratch };
  const words = entrypointWords(design.entrypoint, profile.python);
  const argv = resolveWords(words, values);
  const opened: OpenedData = {
    format: JOURNAL_FORMAT,
    autolab_version: VERSION,
    run_id: runId,
    iteration_id: iterationId,
    experiment_id: guarded.experiment.id,
    launch_mode: mode,
    host: { ...detection.record, ...(setup === null ? {} : { setup }) },
    inputs: {
      [STATE]: guarded.stateSha256,
      [BACKLOG]: sha256(guarded.backlogText),
      ...project.digests,
      ...prompt.digests,
    },
    resource_request: resourceRequestOf(design),
    entrypoint: {
      template: shellWords(words),
      argv,
      script: mode === 'slurm' ? slurmScript(iterationId) : localScript(iterationId),
      script_sha256: sha256(script.text),
      script_source: script.source,
    },
    command: quoteArgv(order?.argv ?? argv),
    activation_sha256: activation.sha256,
    activation_line: activation.line,
    artifacts: design.artifacts.map((artifact) => ({
      path: artifact.path,
      required: artifact.required,
      from: artifact.from === null ? null : resolveText(artifact.from, values),
    })),
    scratch,
    todo: { open: [...openTodo], allowed_open: options.allowOpenTodo },
    warnings: problems
      .filter((problem) => problem.severity === 'warning')
      .map((problem) => `${problem.file}: ${problem.message}`),
    position,
    keep_temporary: project.config.keep_temporary,
    documents: {
      script: script.text,
      ...(mode === 'slurm' ? { command_record: commandRecord(root, inputs) } : {}),
      prompt: prompt.text,
      context: prompt.context,
    },
    slurm: order,
    remote: sent,
    prepared_at: now(),
  };
  const tooMuch = await graceObjection(root, opened);
  if (tooMuch !== null) return stop([tooMuch]);
  return { kind: 'plan', opened, warnings: problems, guardDigest };
}

function resolveText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{\s*([a-z_]+)\s*\}\}/g, (all, name: string) => values[name] ?? all);
}

/** `--run-id`, else what a caller put into state.json, else a new one. Never the id of a run that exists. */
function chooseRunId(
  root: string,
  guarded: Guarded,
  options: PrepareOptions,
): { readonly id: string } | { readonly failure: ReturnType<typeof failureOf> } {
  const { state } = guarded;
  const wanted = options.runId;
  const id = wanted ?? state.pending_run_id ?? newRunId(now());
  const source = wanted !== null ? '--run-id' : 'pending_run_id in .autolab/state.json';
  const reason = checkRunId(id);
  if (reason !== null)
    return {
      failure: failureOf('path.unsafe_id', {
        message: `${source} ${JSON.stringify(id)} cannot be a run id: ${reason}.`,
      }),
    };
  const paths = runPaths(root, state.iteration_id, id);
  const escape = guardPlace(root, paths.relative);
  if (escape !== null) return { failure: escape };
  if (options.adopt !== true && exists(paths.folder) && listNames(paths.folder).length > 0) {
    return {
      failure: failureOf('run.exists', { message: `The run ${id} (${source}) exists already: ${paths.relative}.` }),
    };
  }
  return { id };
}
