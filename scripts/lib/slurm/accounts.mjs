import { runProgram } from '../process.mjs';

/**
 * What the accounting knows: `research`, the default account, has no limit; `limited` runs one job at a time and takes two;
 * the QOS `strict` refuses a job of more than ten minutes or two CPUs, where the others would let it wait for ever.
 */
function commandsFor({ cluster, user }) {
  return [
    ['add', 'cluster', cluster],
    ['add', 'qos', 'strict', 'set', 'MaxWall=00:10:00', 'MaxTRESPerJob=cpu=2', 'Flags=DenyOnLimit'],
    ['add', 'account', 'research', 'Description=no limits', 'Organization=autolab'],
    ['add', 'account', 'limited', 'Description=a small one', 'Organization=autolab', 'MaxJobs=1', 'MaxSubmitJobs=2'],
    ['add', 'user', user, 'Account=research,limited', 'DefaultAccount=research', 'QOS=normal,strict'],
    ['modify', 'user', user, 'set', 'DefaultAccount=research'],
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
