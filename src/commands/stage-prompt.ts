import { ok, type Result } from '../errors/failure.ts';
import type { State } from '../project/state.ts';
import { stagePath } from '../workflow/stage-paths.ts';
import { stageRow } from '../workflow/stages.ts';

/** The prompt of a stage, for an agent. */
export function promptFor(root: string, state: State): Promise<Result<string>> {
  const row = stageRow(state.stage);
  const paths = (of: readonly string[]): string => of.map((path) => `- ${stagePath(path, state) ?? path}\n`).join('');
  return Promise.resolve(
    ok(
      `# ${state.stage}: ${row?.does ?? ''}\n\nProject: ${root}\n\nRead:\n${paths(row?.reads ?? [])}\nLeave:\n${paths(row?.leaves ?? [])}`,
    ),
  );
}
