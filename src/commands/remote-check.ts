import { CATALOG } from '../errors/catalog.ts';
import { EXECUTORS } from '../executors/table.ts';
import { type AskedHost, farObjections } from '../plan/launch-host.ts';
import { now } from '../platform/time.ts';
import type { Check } from '../run/check.ts';
import { hostSite } from '../sites/site.ts';
import { clockWords, type FarFacts } from '../transports/far-facts.ts';

/** `autolab remote check`, and doctor's part of it: checks the prerequisites of a launch on a profile's host. */

const LOW_BYTES = 1024 ** 3;
const LOW_INODES = 10_000;

export async function checkProfile(
  project: { readonly root: string; readonly stateSha256: string },
  name: string,
  { profile, ssh, answer: far }: AskedHost,
): Promise<readonly Check[]> {
  if ('code' in far)
    return [{ name: `profile ${name}`, status: 'fail', found: far.message, mend: CATALOG[far.code].hint }];
  const { facts } = far;
  const checks: Check[] = [
    { name: `profile ${name}`, status: 'ok', found: `${ssh.name} is reachable (${facts.host})`, mend: null },
  ];
  for (const objection of farObjections(profile, far, project))
    checks.push({
      name: 'launch host',
      status: 'fail',
      found: objection.message,
      mend: objection.hint ?? CATALOG[objection.code].hint,
    });
  if (facts.base !== null) checks.push({ name: 'folder', status: 'ok', found: facts.base, mend: null });
  if (profile.mode !== 'shared_fs') checks.push(...spaceChecks(facts), ...wayChecks(facts.tools, ssh.noise()));
  checks.push(...clockCheck(facts));
  const site = hostSite(ssh, facts.base ?? '/');
  const there = [...EXECUTORS.values()].filter(({ usesProfiles }) => usesProfiles);
  return [...checks, ...(await Promise.all(there.map((executor) => executor.checks(site)))).flat()];
}

/** Pure. */
function spaceChecks(facts: {
  readonly freeBytes: number | null;
  readonly freeInodes: number | null;
}): readonly Check[] {
  const checks: Check[] = [];
  if (facts.freeBytes !== null) {
    const low = facts.freeBytes < LOW_BYTES;
    checks.push({
      name: 'space',
      status: low ? 'warn' : 'ok',
      found: `${Math.floor(facts.freeBytes / 1024 / 1024)} MiB free on the remote host`,
      mend: low ? 'Remove runs whose outputs are already here: autolab remote clean' : null,
    });
  }
  if (facts.freeInodes !== null && facts.freeInodes < LOW_INODES)
    checks.push({
      name: 'inodes',
      status: 'warn',
      found: `${facts.freeInodes} inodes free on the remote host`,
      mend: 'Remove runs whose outputs are already here: autolab remote clean',
    });
  return checks;
}

/** Pure. */
function wayChecks(tools: readonly string[], noise: string): readonly Check[] {
  if (noise !== '')
    return [
      {
        name: 'shell',
        status: 'warn',
        found: `its shell start-up files print (${JSON.stringify(noise.slice(0, 60))}): rsync cannot be used, so files are sent with tar`,
        mend: 'Let them print only if `[ -t 1 ]` is true',
      },
    ];
  if (tools.includes('rsync')) return [{ name: 'rsync', status: 'ok', found: 'is there', mend: null }];
  return [
    {
      name: 'rsync',
      status: 'warn',
      found: 'not installed: files are sent with tar, which cannot resume an interrupted transfer',
      mend: 'Install rsync on the remote host, or load it in `setup`',
    },
  ];
}

function clockCheck(facts: FarFacts): readonly Check[] {
  const found = clockWords(facts, Date.parse(now()));
  if (found === null) return [];
  return [
    { name: 'clock', status: 'warn', found, mend: 'Correct the wrong clock: records contain times of both hosts' },
  ];
}
