import { expect, it } from 'vitest';
import { KEY_OF_OPTION, whyNotPossible } from '../../project/sbatch-owned.ts';
import { adviceOnVariable, unusedVariables } from './caller-variables.ts';

/** sbatch(1) of 22.05 and 24.11, "INPUT ENVIRONMENT VARIABLES", those that are an option under another name. */
const OPTIONS =
  'account acctg-freq array-inx batch burst-buffer cluster-constraint clusters constraint container container-id core-spec ' +
  'cpu-freq-req debug delay-boot distribution error exclusive export export-file get-user-env gpu-bind gpu-freq gpus ' +
  'gpus-per-node gpus-per-socket gpus-per-task gres gres-flags hint hold ignore-pbs input job-name mem-bind mem-per-cpu ' +
  'mem-per-gpu mem-per-node network no-kill no-requeue open-mode output overcommit partition power profile qos requeue ' +
  'reservation segment-size signal spread-job thread-spec time-min timelimit tres-bind tres-per-task use-min-nodes wait ' +
  'wait-all-nodes wait4switch wckey';

it.each(OPTIONS.split(' '))('advises nothing for --%s that a design refuses', (option) => {
  const variable = `SBATCH_${option.toUpperCase().replaceAll('-', '_')}`;

  const [unused] = unusedVariables([variable]);

  expect(unused?.variable).toBe(variable);
  if (unused?.design_key !== 'compute.sbatch_options') return;
  expect([whyNotPossible(option), KEY_OF_OPTION[option] ?? null], adviceOnVariable(unused)).toEqual([null, null]);
});
