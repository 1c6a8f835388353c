import type { OpenedData } from '../../records/run-data.ts';
import { submitEnvironment } from '../../schedulers/slurm/environment.ts';
import { judgeTestOnly, testOnlyArgv } from '../../schedulers/slurm/test-only.ts';
import { siteOf } from '../../sites/site.ts';

/** What the site would say to the job: `sbatch --test-only`, which reads the script from its standard input and submits nothing. */
export type SiteAnswer = ReturnType<typeof judgeTestOnly>;

const TIMEOUT_MS = 60_000;

/** null for a local run. */
export async function askSite(root: string, opened: OpenedData): Promise<SiteAnswer | null> {
  if (opened.slurm === null) return null;
  const site = siteOf(root, opened);
  const result = await site.transport.run(testOnlyArgv(site.root, site.cluster), {
    timeoutMs: TIMEOUT_MS,
    environment: submitEnvironment({}),
    stdin: opened.documents.script,
  });
  return judgeTestOnly(result);
}
