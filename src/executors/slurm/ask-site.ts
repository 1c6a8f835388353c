import { failureOf } from '../../errors/failure.ts';
import type { OpenedData } from '../../records/run-data.ts';
import { withhold } from '../../records/withheld.ts';
import { submitEnvironment } from '../../schedulers/slurm/environment.ts';
import { judgeTestOnly, testOnlyArgv } from '../../schedulers/slurm/test-only.ts';
import { siteOf } from '../../sites/site.ts';
import type { SiteOpinion } from '../executor.ts';
import { refusalAdvice, refusalHint } from './advice.ts';

const TIMEOUT_MS = 60_000;

/** The site's answer to `sbatch --test-only`, which reads the script from its standard input and submits nothing. */
export async function askSite(root: string, opened: OpenedData): Promise<SiteOpinion> {
  const site = siteOf(root, opened);
  const result = await site.transport.run(testOnlyArgv(site.root, site.cluster), {
    timeoutMs: TIMEOUT_MS,
    environment: submitEnvironment({}),
    stdin: opened.documents.script,
  });
  const answer = judgeTestOnly(result);
  const refusal =
    answer.kind === 'refused'
      ? failureOf('slurm.refused', {
          message: `The site would refuse the job: ${answer.words}`,
          ...refusalHint(answer.advice),
          recommendations: refusalAdvice(withhold(opened).opened, answer.advice),
        })
      : null;
  return {
    refusal,
    unknown: answer.kind === 'no_answer' ? `sbatch --test-only: ${answer.words}` : null,
    details: { sbatch: withhold(opened).opened.slurm?.argv ?? [], test_only: answer },
  };
}
