// npm run slurm:up, slurm:down, slurm:status [-- OPTIONS]: a Slurm of two nodes on this machine. docs/how-to/local-cluster.md.
import { parseArgs } from 'node:util';
import { down, status, up } from './lib/slurm/cluster.mjs';
import { RELEASES } from './lib/slurm/releases.mjs';
import { SITES } from './lib/slurm/sites.mjs';

const USAGE = `usage: npm run slurm:up     [-- --folder DIR] [--site NAME] [--release NAME] [--port BASE]
                               [--no-accounting] [--min-job-age SECONDS]
       npm run slurm:status [-- --folder DIR] [--json]
       npm run slurm:down   [-- --folder DIR] [--remove]
sites: ${Object.keys(SITES).join(', ')}; releases: ${RELEASES.join(', ')}`;

const OPTIONS = {
  folder: { type: 'string' },
  site: { type: 'string' },
  release: { type: 'string' },
  port: { type: 'string' },
  'no-accounting': { type: 'boolean' },
  'min-job-age': { type: 'string' },
  remove: { type: 'boolean' },
  json: { type: 'boolean' },
};

const VERBS = {
  up: { options: ['folder', 'site', 'release', 'port', 'no-accounting', 'min-job-age'], run: runUp },
  down: { options: ['folder', 'remove'], run: runDown },
  status: { options: ['folder', 'json'], run: runStatus },
};

async function runUp(values) {
  const began = performance.now();
  if (values.site !== undefined && !Object.hasOwn(SITES, values.site)) {
    throw new UsageError(`There is no site "${values.site}".`);
  }
  if (values.release !== undefined && !RELEASES.includes(values.release)) {
    throw new UsageError(`There is no release "${values.release}".`);
  }
  const { folder } = await up({
    folder: values.folder,
    site: values.site,
    release: values.release,
    port: wholeNumber(values.port, '--port', 1024, 65000),
    accounting: values['no-accounting'] === true ? false : undefined,
    minJobAge: wholeNumber(values['min-job-age'], '--min-job-age', 2, 1_000_000),
    log: (line) => console.log(line),
  });
  console.log(describe(await status(folder)));
  console.log(`(${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

async function runDown(values) {
  const ended = await down(values.folder, { remove: values.remove === true });
  console.log(ended.length === 0 ? 'There was nothing to stop.' : `Stopped: ${ended.join(', ')}.`);
}

async function runStatus(values) {
  const found = await status(values.folder);
  console.log(values.json === true ? JSON.stringify(found, null, 2) : describe(found));
  if (found.state !== 'up') process.exitCode = 3;
}

function describe(found) {
  if (found.state === 'absent') return `There is no cluster in ${found.folder}. Start one: npm run slurm:up`;
  const daemons = found.daemons.map(
    ({ name, pid, port }) =>
      `  ${name.padEnd(10)} ${pid === null ? 'does not run' : `process ${pid}`}${port === null ? '' : `, port ${port}`}`,
  );
  return [
    `The cluster ${found.cluster} in ${found.folder} is ${found.state === 'partly' ? 'partly up' : found.state}.`,
    ...daemons,
    `  nodes      ${found.nodes.map(({ name, state }) => `${name} ${state}`).join(', ') || 'not known'}`,
    ...(found.release === null ? [] : [`  Slurm      ${found.slurm}, of Debian ${found.release}`]),
    `  site       ${found.site}: ${found.about}`,
    `  partitions ${found.partitions.join(', ')}`,
    `  accounting ${found.accounting ? 'yes' : 'no: sacct knows nothing'}`,
    `  memory     ${found.memory_limits === 'none' ? 'not limited: this machine has no memory cgroup that Slurm can use' : `limited by ${found.memory_limits}`}`,
    ...(found.state === 'up'
      ? ['Use it:', `  export SLURM_CONF=${found.conf}`, ...pathLine(found)]
      : ['Start it: npm run slurm:up']),
  ].join('\n');
}

function pathLine({ release, bin }) {
  return release === null ? [] : [`  export PATH=${bin}:$PATH`];
}

function wholeNumber(text, name, least, most) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not "${text}".`);
  }
  return number;
}

class UsageError extends Error {}

function parse(verb, words) {
  if (verb === undefined) throw new UsageError('Say what to do.');
  try {
    const options = Object.fromEntries(verb.options.map((name) => [name, OPTIONS[name]]));
    return parseArgs({ args: words, options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

try {
  const [name, ...words] = process.argv.slice(2);
  const verb = Object.hasOwn(VERBS, name ?? '') ? VERBS[name] : undefined;
  const values = parse(verb, words);
  await verb.run(values);
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n${USAGE}` : error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
