import { dirname, join } from 'node:path';
import { makeFolder, writeFileIfChanged } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { PROMPT_CONTEXT, PROMPT_RENDERED } from '../../records/paths.ts';
import { viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepDone } from '../../run/step.ts';

/** Writes the rendered prompt and its context, which were resolved before the claim (R8). */
export const renderPromptStep = repeatable({
  name: 'render-prompt',
  skip: never,
  intent: noIntent,
  run: (ctx): Promise<StepDone> => {
    const { documents } = viewOf(ctx).opened;
    ctx.lease.assertHeld();
    writePrompt(ctx.root, documents.prompt, documents.context);
    return Promise.resolve({
      kind: 'done',
      writes: [PROMPT_RENDERED, PROMPT_CONTEXT],
      result: { prompt_sha256: sha256(documents.prompt), context_sha256: sha256(documents.context) },
    });
  },
});

export function writePrompt(root: string, prompt: string, context: string): void {
  makeFolder(dirname(join(root, PROMPT_RENDERED)));
  writeFileIfChanged(join(root, PROMPT_RENDERED), prompt);
  writeFileIfChanged(join(root, PROMPT_CONTEXT), context);
}
