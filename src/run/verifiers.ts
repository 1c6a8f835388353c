import type { verifyRun } from '../verify/run.ts';

/**
 * The verifiers, and the manifest's schema with them, take a tenth of a second to set up. That is spent while the
 * entrypoint runs, when the driver has nothing else to do.
 */
export async function loadVerifiers(): Promise<typeof verifyRun> {
  return (await import('../verify/run.ts')).verifyRun;
}

/** Begins to load them. If that fails, the step that needs them says why. */
export function preloadVerifiers(): void {
  loadVerifiers().catch(() => undefined);
}
