import { endProcessesCalled } from '../platform/end-processes.ts';
import { makeFolder } from '../platform/files.ts';
import type { Site } from '../run/site.ts';
import { CALL_SECONDS, type Submitter } from './submitter.ts';

/** The command is a process of this host: its answer cannot be lost on the way, and a forgotten one is seen here. */
export function submitHere({ transport }: Site): Submitter {
  return {
    namesThisProject: true,
    makeScratch: makeFolder,
    call: async ({ argv, environment, signal }) => {
      const result = await transport.run(argv, { timeoutMs: CALL_SECONDS * 1000, environment, signal });
      return { result, then: null };
    },
    keptAnswer: () => Promise.resolve(null),
    mayArriveForMs: () => 0,
    endForgotten: async (word) => {
      await endProcessesCalled(word);
    },
  };
}
