import { join } from 'node:path';
import { exists, listNames } from '../../platform/files.ts';
import type { SiteSigns } from '../found-by.ts';

/**
 * Signs that this host belongs to a Slurm site although Slurm's commands cannot be used: then the shell is at fault, not
 * the design. A module system counts: sites keep the commands in a module.
 */

const VARIABLES = ['SLURM_CONF', 'SLURM_CONF_SERVER', 'LMOD_CMD', 'LMOD_DIR', 'MODULESHOME', 'BASH_FUNC_module%%'];
/** Programs of module systems. */
const COMMANDS = ['modulecmd', 'lmod'];

export const slurmSigns: SiteSigns = {
  here: signsHere,
  inVariables: signsInVariables,
  paths: ['/etc/slurm*/slurm.conf', '/etc/profile.d/*modules*.sh', '/etc/profile.d/*lmod*.sh'],
  programs: COMMANDS,
};

function signsHere(env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const commands = COMMANDS.filter((name) => folders.some((folder) => exists(join(folder, name))));
  return [...signsInVariables(Object.keys(env)), ...commands.map((name) => `\`${name}\` is there`), ...filesHere()];
}

/** Pure. `names`: of the variables that are set. */
function signsInVariables(names: readonly string[]): readonly string[] {
  return VARIABLES.filter((name) => names.includes(name)).map((name) =>
    name === 'BASH_FUNC_module%%' ? 'the shell has a function `module`' : `${name} is set`,
  );
}

function filesHere(): readonly string[] {
  const configurations = namesIn('/etc', /^slurm/).map((name) => `/etc/${name}/slurm.conf`);
  const modules = namesIn('/etc/profile.d', /(?:modules|lmod)[^.]*\.sh$/).map((name) => `/etc/profile.d/${name}`);
  return [...configurations, ...modules].filter((path) => exists(path)).map((path) => `${path} is there`);
}

function namesIn(folder: string, pattern: RegExp): readonly string[] {
  return exists(folder)
    ? listNames(folder)
        .filter((name) => pattern.test(name))
        .sort()
    : [];
}
