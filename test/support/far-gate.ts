import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Far } from './far.ts';
import { until } from './project.ts';

/** A program over there that says that it was called, and goes on only when a test says so. */
export interface Gate {
  readonly reached: () => Promise<void>;
  readonly open: () => void;
}

/** `only`: a pattern of the shell for its words; other calls go through. `inJobs: 'fails'`: those of jobs fail. */
export function gate(far: Far, name: string, only: string, { inJobs = 'waits' } = {}): Gate {
  const [called, open] = [join(far.home, `${name}.called`), join(far.home, `${name}.open`)];
  far.program(
    name,
    `#!/bin/sh
case "$*" in ${only}) ;; *) exec /usr/bin/${name} "$@" ;; esac
[ ${inJobs} = waits ] || [ -z "\${SLURM_JOB_ID-}" ] || exit 1
echo "$*" >> '${called}'
until [ -e '${open}' ]; do sleep 0.1; done
exec /usr/bin/${name} "$@"
`,
  );
  return {
    reached: () => until(`${name} is called over there`, () => existsSync(called)),
    open: () => {
      writeFileSync(open, '');
    },
  };
}
