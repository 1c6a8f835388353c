import { execute } from '../executors/local/execute.ts';
import { confirm } from '../executors/slurm/confirm.ts';
import { submit } from '../executors/slurm/submit.ts';
import { wait } from '../executors/slurm/wait.ts';
import type { Step } from '../run/step.ts';
import { collect } from './steps/collect.ts';
import { recordCodeStep } from './steps/record-code.ts';
import { collectToRemote, syncArtifactsToLocal, syncToRemote } from './steps/remote.ts';
import { renderPromptStep } from './steps/render-prompt.ts';
import { verifyLocalArtifacts } from './steps/verify-local-artifacts.ts';
import { writeScripts } from './steps/write-scripts.ts';

/**
 * The life of a run, after the claim. Each step writes down its intent, acts, and writes down the outcome; a final
 * outcome is never repeated. Before the first one stand guard, read, detect-host and gate (launch/prepare), and the
 * claim; after the last one the close (engine/close.ts). `salvage` is off this path: see driver.ts.
 */
export const STEPS: readonly Step[] = [
  recordCodeStep,
  renderPromptStep,
  writeScripts,
  syncToRemote,
  execute,
  submit,
  wait,
  confirm,
  collectToRemote,
  collect,
  syncArtifactsToLocal,
  verifyLocalArtifacts,
];
