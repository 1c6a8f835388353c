import type { ProcessResult } from '../../platform/process.ts';
import type { Check } from '../../run/check.ts';
import { configArgv, configValue } from '../../schedulers/slurm/config.ts';
import { removedFrom } from '../../schedulers/slurm/environment.ts';
import type { Site } from '../../sites/site.ts';
import type { HostIs } from '../executor.ts';
import { askSlurm } from './question.ts';
import { slurmSigns } from './site-signs.ts';

/** Slurm's part of `doctor` and of `remote check`. */

const COMMANDS = ['sbatch', 'squeue', 'sacct', 'scontrol', 'scancel'] as const;
/** Below this, the controller may forget a job before autolab asks; only matters without accounting. */
const SHORT_MEMORY_SECONDS = 60;

export function remarks(host: HostIs): readonly Check[] {
  const hidden = removedFrom(process.env);
  return [
    ...(host === 'another' ? notOnPath(slurmSigns.here(process.env)) : []),
    ...(hidden.length === 0 ? [] : [hiddenVariables(hidden)]),
  ];
}

/** Pure. */
function notOnPath(signs: readonly string[]): readonly Check[] {
  if (signs.length === 0) return [];
  return [
    {
      name: 'Slurm commands',
      status: 'warn',
      found: `cannot be used, although this looks like a Slurm site: ${signs.join(', ')}`,
      mend: 'Load them (`module load slurm`?), or name the command in `setup` of .autolab/launch.yaml; local runs do not need them',
    },
  ];
}

function hiddenVariables(names: readonly string[]): Check {
  return {
    name: 'Slurm variables',
    status: 'ok',
    found: `${names.join(', ')} are set; autolab hides them from Slurm's commands`,
    mend: null,
  };
}

/** What a launch on Slurm needs of a host: its commands, a controller that answers, and accounting of how jobs end. */
export async function checkSlurm(site: Site): Promise<readonly Check[]> {
  const commands = await Promise.all(COMMANDS.map((name) => checkCommand(site, name)));
  if (commands.every((check) => check.status === 'fail')) return [noCommands(commands)];
  if (commands.some((check) => check.status === 'fail')) return commands;
  const [ping, config] = await Promise.all([askSlurm(site, ['scontrol', 'ping']), askSlurm(site, configArgv())]);
  return [...commands, judgePing(ping), ...judgeConfig(config)];
}

/** One reason for all of them: something has to be loaded first. */
function noCommands([first]: readonly Check[]): Check {
  return {
    name: 'Slurm commands',
    status: 'fail',
    found: `none of ${COMMANDS.join(', ')} can be used (${first?.found ?? 'no answer'})`,
    mend: 'If they must be loaded first, name the command in `setup:` of the profile, or of .autolab/launch.yaml for this host, such as `setup: module load slurm`',
  };
}

async function checkCommand(site: Site, name: string): Promise<Check> {
  const result = await askSlurm(site, [name, '-V']);
  if (result.exitCode === 0) return { name, status: 'ok', found: result.stdout.trim(), mend: null };
  const found = result.spawnError === 'ENOENT' ? 'not installed' : firstLine(result);
  return { name, status: 'fail', found, mend: `Make ${name} work on this host: a launch on Slurm needs it` };
}

/** Pure. */
function judgePing(result: ProcessResult): Check {
  const up = / is UP\b/.test(result.stdout);
  return {
    name: 'slurmctld',
    status: up ? 'ok' : 'fail',
    found: firstLine(result),
    mend: up ? null : "Ask the site: the controller does not answer; is SLURM_CONF the cluster's?",
  };
}

/** Pure. */
function judgeConfig(result: ProcessResult): readonly Check[] {
  const storage = configValue(result.stdout, 'AccountingStorageType');
  if (storage === null)
    return [
      {
        name: 'accounting',
        status: 'warn',
        found: firstLine(result),
        mend: 'Look at it by hand: scontrol show config',
      },
    ];
  const off = /none$/.test(storage);
  const memory = Number.parseInt(configValue(result.stdout, 'MinJobAge') ?? '', 10);
  const short = off && memory < SHORT_MEMORY_SECONDS;
  return [
    {
      name: 'accounting',
      status: off ? 'warn' : 'ok',
      found: off ? `off; the controller remembers a job for ${memory} s` : storage,
      mend: off
        ? `The end of a job can only be confirmed while the controller remembers it${short ? ', which is short' : ''}: do not detach for long`
        : null,
    },
  ];
}

function firstLine(result: ProcessResult): string {
  const line = (result.stdout || result.stderr).split('\n').find((text) => text.trim() !== '');
  return line?.trim() ?? (result.timedOut ? 'did not answer within 30 s' : 'no answer');
}
