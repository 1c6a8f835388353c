import type { Step } from '../../run/step.ts';
import { confirm } from './confirm.ts';
import { submit } from './submit.ts';
import { wait } from './wait.ts';

/** Exactly one job: submitted, waited for, and its end confirmed. */
export const SLURM_STEPS: readonly Step[] = [submit, wait, confirm];
