import { afterAll, beforeAll, describe } from 'vitest';
import { EXECUTORS } from '../../src/executors/table.ts';
import type { OpenedData } from '../../src/records/run-data.ts';
import { executorContract } from '../support/executor-contract.ts';
import { detached } from '../support/executors/detached/executor.ts';
import { makeProject } from '../support/project.ts';

/** Slurm keeps the same contract: test/slurm/executor-contract.test.ts. */

const project = (entrypoint: string): Promise<string> => Promise.resolve(makeProject({ entrypoint }));

describe('the local executor', () => {
  executorContract('local', { project });
});

describe('an executor that only a line of the table knows', () => {
  beforeAll(() => {
    EXECUTORS.set(detached.kind, detached);
  });
  afterAll(() => {
    EXECUTORS.delete(detached.kind);
  });
  // A design cannot name it, so that the plan is that of a local run until here.
  const adapt = (opened: OpenedData): OpenedData => ({
    ...opened,
    launch_mode: detached.kind as OpenedData['launch_mode'],
    scratch: detached.scratch('', opened.run_id).folder,
  });

  executorContract('detached', { project, adapt });
});
