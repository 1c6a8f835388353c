import type { Executor } from '../executors/executor.ts';
import type { Step } from '../run/step.ts';
import { collect } from './steps/collect.ts';
import { recordCodeStep } from './steps/record-code.ts';
import { collectToRemote, syncArtifactsToLocal, syncToRemote } from './steps/remote.ts';
import { renderPromptStep } from './steps/render-prompt.ts';
import { reuseTasks } from './steps/reuse-tasks.ts';
import { verifyLocalArtifacts } from './steps/verify-local-artifacts.ts';
import { writeScripts } from './steps/write-scripts.ts';

/**
 * The life of a run, after the claim. Each step writes down its intent, acts, and writes down the outcome; a final
 * outcome is never repeated. Before the first one stand guard, read, detect-host and gate (plan/prepare.ts), and the
 * claim; after the last one the close (engine/close.ts). `salvage` is off this path: see salvage.ts.
 * `takesOver`: the run takes over tasks of an earlier one; no other run has that step.
 */
export async function stepsFor(executor: Executor, takesOver = false): Promise<readonly Step[]> {
  return [
    recordCodeStep,
    renderPromptStep,
    writeScripts,
    ...(takesOver ? [reuseTasks] : []),
    syncToRemote,
    ...(await executor.loadSteps()),
    collectToRemote,
    // The step that fetches the outputs lists what may have been sent.
    ...(executor.staysHere === null ? [] : [collect]),
    syncArtifactsToLocal,
    verifyLocalArtifacts,
  ];
}
