import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject, type ProjectOptions, readJson, write } from './project.ts';

/** Projects with an agent that is a script of bash. */

export interface AgentProjectOptions extends ProjectOptions {
  /** Text of the script; it runs in the project. */
  readonly agent: string;
  /** More lines of agent.yaml. */
  readonly settings?: string;
  readonly stage?: string;
}

/** At `implementation`, with code that is ready for review; the script lies outside of the project's sources. */
export function agentProject({
  agent,
  settings = '',
  stage = 'implementation',
  ...options
}: AgentProjectOptions): string {
  const root = makeProject({ ...options, git: false, state: { stage, ...options.state } });
  write(root, '.autolab/agent.yaml', `command: [bash, .autolab/agent.sh]\n${settings}`);
  write(root, '.autolab/agent.sh', agent);
  write(root, 'README.md', '# The project\n');
  chmodSync(join(root, 'README.md'), 0o644);
  return root;
}

/** The record of the last start of an agent. */
export function agentRecord(root: string, number = 1, stage = 'implementation'): Record<string, any> {
  return readJson(root, `.autolab/logs/agent-${number}-${stage}/record.json`);
}
