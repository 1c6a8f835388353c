import { jobLogs, OWN_LOGS } from '../records/log-names.ts';
import { TASK_LOGS, taskFolder } from '../records/tasks/task-files.ts';
import { judgedManifest } from './judged-manifest.ts';
import { knownEnds } from './known-ends.ts';
import { counted, failed, type Finding, passed, skipped, type Verifier } from './results.ts';
import type { TaskLists, VerifySnapshot } from './snapshot.ts';

/** The run's two streams were kept. They may be empty; a run that was never started has none. */
export const verifyLogsPresent: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  if (snapshot.tasks !== null) return ofEachTask(snapshot, snapshot.tasks);
  const { job_id, local, slurm } = judged.manifest;
  if (job_id === undefined && (local === null || local.pid === null)) return skipped('Nothing was started.');
  if (slurm !== undefined && slurm.state !== null && slurm.nodes === null) return skipped('The job never started.');
  const { stdout, stderr } = job_id === undefined ? OWN_LOGS : jobLogs(slurm?.job_id ?? job_id);
  const names = [`logs/${stdout}`, `logs/${stderr}`];
  return allThere(snapshot, names);
};

function allThere(snapshot: VerifySnapshot, names: readonly string[]): Finding {
  const there = new Set(snapshot.listing.entries.filter((entry) => entry.kind === 'file').map((entry) => entry.path));
  const missing = names.filter((name) => !there.has(name));
  if (missing.length === 0) return passed('The logs are here.');
  return failed(
    `${counted(missing.length, 'log')} missing.`,
    missing.map((name) => `${snapshot.run_folder}/${name}: is missing or no file`),
  );
}

/** Each task has streams of its own from its start on. */
function ofEachTask(snapshot: VerifySnapshot, facts: TaskLists): Finding {
  const ended = (knownEnds(facts, snapshot.journal) ?? []).filter(
    ({ attempts, exit_code, signal }) => attempts > 0 && (exit_code !== null || signal !== null),
  );
  if (ended.length === 0) return skipped('Of no task it is known that it ran.');
  return allThere(
    snapshot,
    ended.flatMap(({ index }) => Object.values(TASK_LOGS).map((name) => `${taskFolder(index)}/${name}`)),
  );
}
