/**
 * Which sources share a pack, with all that they import at once; what remains has a pack for each chunk. A chunk is in the
 * first pack that wants it, so those that more commands need come first.
 */
export const TOGETHER = {
  // Loaded at every start: what `autolab status` needs.
  program: ['src/cli/program.ts', 'src/cli/commands/status.ts', 'src/commands/verbs/status.ts'],
  // With what reads and checks records.
  runs: ['src/cli/commands/runs.ts', 'src/commands/verbs/runs.ts'],
  launch: [
    'src/cli/commands/launch.ts',
    'src/commands/verbs/launch.ts',
    'src/executors/local/execute.ts',
    'src/executors/local/script-rules.ts',
  ],
  // Loaded while the run works.
  page: ['src/executors/local/beside-script.ts', 'src/commands/pages/run-page.ts', 'src/verify/run.ts'],
};
