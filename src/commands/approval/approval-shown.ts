import type { PlannedTasks } from '../../plan/planned-tasks.ts';
import type { Approved } from '../../project/approved.ts';
import type { Manifest, ResourceRequest } from '../../records/manifest-schema.ts';
import type { ApprovalCheck } from './check-outcome.ts';

/** What is approved, as the reviewer sees it before he decides. */
export interface ApprovalShown {
  readonly iteration_id: string;
  readonly experiment_id: string;
  /** Relative to the project root. */
  readonly design: string;
  /** One line for a shell, with its placeholders. */
  readonly command: string;
  readonly resources: ResourceRequest | null;
  /** `local`, or the launch host; with what executes the run. */
  readonly host: string;
  /** null without a commit. */
  readonly commit: string | null;
  /** Relative to the top of the repository: what is not as in the commit. */
  readonly uncommitted: readonly string[];
  /** As git names them; null if it does not. */
  readonly author: string | null;
  /** The data that the design names. */
  readonly data_inputs: NonNullable<Manifest['data_inputs']>;
  /** null if the run has one task, without parameters, or it cannot be planned. */
  readonly tasks: PlannedTasks | null;
  readonly approved: Approved;
  readonly approved_digest: string;
  readonly checks: readonly ApprovalCheck[];
}
