import type { verifyRun } from '../verify/run.ts';

/**
 * The verifiers and the manifest's schema take a tenth of a second to load. The driver loads them while the entrypoint
 * runs, when it has nothing else to do.
 */
export async function loadVerifiers(): Promise<typeof verifyRun> {
  return (await import('../verify/run.ts')).verifyRun;
}

/** Begins to load them. If that fails, the step that needs them reports why. */
export function preloadVerifiers(): void {
  loadVerifiers().catch(() => undefined);
}
