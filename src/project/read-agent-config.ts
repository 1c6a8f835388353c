import { readSource } from '../documents/source.ts';
import { fail, ok, type Result } from '../errors/failure.ts';
import { AGENT_FILE, type AgentConfig, parseAgentConfig } from './agent-config.ts';

/** Null if there is no agent; fails with `config.invalid` if the file cannot be used. */
export function readAgentConfig(root: string): Result<AgentConfig | null> {
  const source = readSource(root, AGENT_FILE);
  if (source.missing) return ok(null);
  const { value, problems } =
    source.text === null ? { value: null, problems: source.problems } : parseAgentConfig(source.text, AGENT_FILE);
  return value === null || problems.some(({ severity }) => severity === 'error')
    ? fail('config.invalid', {
        message: `${AGENT_FILE} cannot be used.`,
        hint: 'Fix the problems listed above, then: autolab run',
        problems,
      })
    : ok(value);
}
