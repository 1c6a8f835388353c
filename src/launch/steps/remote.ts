import { noIntent, repeatable, type Step } from './step.ts';

/** The steps that only a run on another host has. Here they are written down as skipped, with the reason. */
const REASON = 'local run: it was started here, and its files were written here';

function remoteStep(name: string): Step {
  return repeatable({
    name,
    skip: (view) => (view.opened.launch_mode === 'local' ? REASON : null),
    intent: noIntent,
    run: () => Promise.reject(new Error(`${name} is not part of a local run`)),
  });
}

export const syncToRemote = remoteStep('sync_to_remote');
export const collectToRemote = remoteStep('collect_to_remote');
export const syncArtifactsToLocal = remoteStep('sync_artifacts_to_local');
