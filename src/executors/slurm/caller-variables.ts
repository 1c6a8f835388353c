import type { Problem } from '../../errors/problem.ts';
import type { Design } from '../../project/design.ts';
import type { Objection } from '../../run/objection.ts';
import {
  adviceOnVariable,
  asksForAnother,
  type UnusedVariable,
  unusedVariables,
} from '../../schedulers/slurm/caller-variables.ts';
import { configArgv, judgeClusterName } from '../../schedulers/slurm/config.ts';
import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import type { CallerFacts, LookInputs } from '../executor.ts';

/** Reports each of the caller's sbatch variables that is not used, one line each (X11). */

const TIMEOUT_MS = 30_000;
const CLUSTERS = ['SBATCH_CLUSTERS', 'SLURM_CLUSTERS'];

export async function callerVariables(inputs: LookInputs): Promise<CallerFacts> {
  const { design, values, file } = inputs;
  const unused = unusedVariables(inputs.removed).filter((one) => !saysTheSame(one, values, design));
  const problems = unused.map((one): Problem => ({
    file,
    line: null,
    column: null,
    pointer: one.design_key === null ? null : `/${one.design_key.replaceAll('.', '/')}`,
    code: 'value.not_used',
    severity: 'warning',
    message: adviceOnVariable(one),
  }));
  return { unused, problems, objections: await clusterObjections(inputs) };
}

/** The design asks for the same, so that nothing of the variable is lost. */
function saysTheSame(
  { variable, design_key: key }: UnusedVariable,
  values: LookInputs['values'],
  { compute }: Design,
): boolean {
  const value = values?.[variable];
  if (value === undefined || key === null) return false;
  const asked: unknown = new Map<string, unknown>(Object.entries(compute)).get(key.slice('compute.'.length));
  return typeof asked === 'string' && asked === value;
}

/** A job must not go to another cluster than the caller expects. */
async function clusterObjections({ transport, removed, design }: LookInputs): Promise<readonly Objection[]> {
  const names = CLUSTERS.filter((name) => removed.includes(name));
  const { cluster } = design.compute;
  if (names.length === 0 || cluster !== null) return [];
  const [values, config] = await Promise.all([
    transport.run(['sh', '-c', `printf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`], {
      timeoutMs: TIMEOUT_MS,
    }),
    transport.run(configArgv(), { timeoutMs: TIMEOUT_MS, environment: CLIENT_ENVIRONMENT }),
  ]);
  const answer = judgeClusterName(config);
  return names.flatMap((name, index): readonly Objection[] => {
    const wanted = values.stdout.split('\n')[index] ?? '';
    if (wanted.trim() === '') return [];
    if (answer.kind === 'named' && !asksForAnother(wanted, answer.name)) return [];
    const answering = answer.kind === 'named' ? `${answer.name} answers` : `no cluster says its name (${answer.words})`;
    return [
      {
        code: 'host.other_cluster',
        message: `${name}=${wanted} asks for another Slurm cluster than the one that autolab submits to: ${answering}.`,
        hint: `Unset ${name}, or name the cluster in the design: \`compute.cluster\`.`,
      },
    ];
  });
}
