import { runProgram } from '../process.mjs';
import { siteNamed } from './sites.mjs';

/**
 * What the accounting knows: `research`, the default account, has no limit; `limited` runs one job at a time and takes two;
 * the QOS `strict` refuses a job of more than ten minutes or two CPUs, where the others would let it wait for ever.
 */
function commandsFor({ cluster, user, site }) {
  const more = siteNamed(site).limits ?? {};
  const accounts = ['research', 'limited', ...Object.keys(more)].join(',');
  const account = (name, about, ...limits) => [
    'add',
    'account',
    name,
    `Cluster=${cluster}`,
    `Description=${about}`,
    'Organization=autolab',
    ...limits,
  ];
  return [
    ['add', 'cluster', cluster],
    ['add', 'qos', 'strict', 'set', 'MaxWall=00:10:00', 'MaxTRESPerJob=cpu=2', 'Flags=DenyOnLimit'],
    ...Object.entries(more).map(([name, { qos }]) => ['add', 'qos', name, 'set', ...qos]),
    account('research', 'no limits'),
    account('limited', 'a small one', 'MaxJobs=1', 'MaxSubmitJobs=2'),
    ...Object.entries(more).map(([name, limits]) => account(name, 'limited', ...limits.account)),
    ['add', 'user', user, `Cluster=${cluster}`, `Account=${accounts}`, 'DefaultAccount=research'],
    ['modify', 'user', user, 'where', `Cluster=${cluster}`, 'set', 'DefaultAccount=research'],
    [
      ...['modify', 'user', user, 'where', `Cluster=${cluster}`, 'set'],
      `QOS=${['normal', 'strict', ...Object.keys(more)].join(',')}`,
    ],
  ];
}

/** Fills an accounting that knows nothing of this cluster yet. */
export async function fillAccounting(settings, env) {
  for (const words of commandsFor(settings)) {
    const { status, output } = await runProgram(['sacctmgr', '--immediate', '--quiet', ...words], { env });
    // It answers 1 where there was nothing to change.
    if (status !== 0 && !/already exists|Nothing (new added|modified)|no new/i.test(output)) {
      throw new Error(`sacctmgr ${words.join(' ')} failed.\n${output}`);
    }
  }
}
