import type { McpServer } from '@modelcontextprotocol/server';
import { offeredStages, type Project } from '../index.ts';
import { unreadable } from './resources.ts';

/** A prompt for each stage, as `autolab render` prints it. */
export function addPrompts(server: McpServer, open: () => Project): void {
  for (const { stage, who, does } of offeredStages())
    server.registerPrompt(stage, { title: `The stage ${stage}`, description: `Of the ${who}: ${does}.` }, async () => {
      const result = await open().render({ stage, write: false });
      const text = result.prompt ?? unreadable(result);
      return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
    });
}
