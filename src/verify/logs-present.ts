import { jobLogs, OWN_LOGS } from '../records/log-names.ts';
import { judgedManifest } from './judged-manifest.ts';
import { counted, failed, passed, skipped, type Verifier } from './results.ts';

/** The run's two streams were kept. They may be empty; a run that was never started has none. */
export const verifyLogsPresent: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  const { job_id, local, slurm } = judged.manifest;
  if (job_id === undefined && (local === null || local.pid === null)) return skipped('Nothing was started.');
  if (slurm !== undefined && slurm.state !== null && slurm.nodes === null) return skipped('The job never started.');
  const { stdout, stderr } = job_id === undefined ? OWN_LOGS : jobLogs(slurm?.job_id ?? job_id);
  const names = [`logs/${stdout}`, `logs/${stderr}`];
  const there = new Set(snapshot.listing.entries.filter((entry) => entry.kind === 'file').map((entry) => entry.path));
  const missing = names.filter((name) => !there.has(name));
  if (missing.length === 0) return passed('The logs are here.');
  return failed(
    `${counted(missing.length, 'log')} missing.`,
    missing.map((name) => `${snapshot.run_folder}/${name}: is missing or no file`),
  );
};
