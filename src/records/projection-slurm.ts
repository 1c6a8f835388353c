import type { Manifest } from './manifest-schema.ts';
import type { SlurmOrder } from './run-data.ts';
import { type JobView, resultOf, type RunView } from './run-view.ts';
import type { ConfirmResult } from './step-results.ts';

type Section = NonNullable<Manifest['slurm']>;

/** The manifest's `slurm` section: how the job was submitted, and how it went. Pure. */
export function projectSlurm(view: RunView): Section | null {
  const { slurm } = view.opened;
  if (slurm === null) return null;
  const confirmed = resultOf(view, 'confirm');
  const evidence = [...(resultOf(view, 'submit')?.evidence ?? []), ...(confirmed?.evidence ?? [])];
  return {
    ...ordered(slurm),
    ...queued(view.job),
    ...arraysOf(view),
    ...confirmedEnd(confirmed),
    polls: view.reads.length,
    evidence,
  };
}

function ordered({ key, argv, removed_variables, unused_variables }: SlurmOrder) {
  return {
    submit_key: key,
    submit_argv: [...argv],
    removed_variables: [...removed_variables],
    ...(unused_variables === undefined ? {} : { unused_variables: unused_variables.map((one) => ({ ...one })) }),
  } satisfies Partial<Section>;
}

function queued(job: JobView | null) {
  return {
    ...(job === null ? {} : { job_id: job.job_id }),
    cluster: job?.cluster ?? null,
    adopted: job?.adopted ?? false,
  } satisfies Partial<Section>;
}

function arraysOf({ opened, chunks }: RunView): Pick<Section, 'jobs'> {
  const key = opened.slurm?.key ?? '';
  if (opened.tasks === undefined) return {};
  const jobs = chunks.flatMap(({ index, plan, job }) =>
    job === null
      ? []
      : [
          {
            ...{ job_id: job.submitted_as, key: `${key}.${index}`, elements: plan?.elements ?? 0 },
            ...{ adopted: job.adopted, submitted_at: job.at },
          },
        ],
  );
  return { jobs };
}

const NOT_CONFIRMED = {
  confirmation: null,
  state: null,
  exit_code: null,
  elapsed: null,
  max_rss: null,
  nodes: null,
} satisfies Partial<Section>;

function confirmedEnd(confirmed: ConfirmResult | null) {
  if (confirmed === null) return NOT_CONFIRMED;
  const { source, rows, state, exit_code, elapsed, max_rss, nodes } = confirmed;
  const confirmation = { source, rows: rows.map((row) => ({ ...row })) };
  return { confirmation, state, exit_code, elapsed, max_rss, nodes } satisfies Partial<Section>;
}
