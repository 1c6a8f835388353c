import { failureOf } from '../../errors/failure.ts';
import type { OpenedData } from '../../records/run-data.ts';
import { withhold } from '../../records/withheld.ts';
import { largestArray, testArrayArgv } from '../../schedulers/slurm/arrays/array-limits.ts';
import { configArgv } from '../../schedulers/slurm/config.ts';
import { submitEnvironment } from '../../schedulers/slurm/environment.ts';
import { judgeTestOnly, testOnlyArgv } from '../../schedulers/slurm/test-only.ts';
import { type Site, siteOf } from '../../sites/site.ts';
import type { SiteOpinion } from '../executor.ts';
import { refusalAdvice, refusalHint } from './advice.ts';
import { askSlurm } from './question.ts';
import { elementsOf, plannedChunks } from './tasks/chunks.ts';

const TIMEOUT_MS = 60_000;

/** The site's answer to `sbatch --test-only`, which reads the script from its standard input and submits nothing. */
export async function askSite(root: string, opened: OpenedData, taken: readonly number[]): Promise<SiteOpinion> {
  const site = siteOf(root, opened);
  const { argv, arrays, chunks } = await questionOf(site, opened, taken);
  const result = await site.transport.run(argv, {
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
    chunks,
    unknown: answer.kind === 'no_answer' ? `sbatch --test-only: ${answer.words}` : null,
    details: {
      sbatch: withhold(opened).opened.slurm?.argv ?? [],
      test_only: answer,
      ...(arrays === null ? {} : { arrays }),
    },
  };
}

/** In how many arrays tasks would be submitted, if all fit at once. */
interface PlannedArrays {
  readonly count: number;
  /** In the largest. */
  readonly elements: number;
}

interface Question {
  readonly argv: readonly string[];
  readonly arrays: PlannedArrays | null;
  readonly chunks: SiteOpinion['chunks'];
}

async function questionOf(site: Site, opened: OpenedData, taken: readonly number[]): Promise<Question> {
  const { tasks, slurm } = opened;
  if (tasks === undefined) return { argv: testOnlyArgv(site.root, site.cluster), arrays: null, chunks: null };
  const largest = largestArray(await askSlurm(site, configArgv()));
  const all = elementsOf(tasks, tasks.count - taken.length);
  const most = { most: largest ?? Infinity, chunkTasks: slurm?.chunk_tasks ?? Infinity };
  const elements = Math.max(1, Math.min(all, most.most, most.chunkTasks));
  return {
    argv: testArrayArgv(site.root, site.cluster, elements),
    arrays: { count: Math.ceil(all / elements), elements },
    chunks: largest === null ? null : plannedChunks(tasks, new Set(taken), most),
  };
}
