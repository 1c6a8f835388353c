import { describe, expect, it } from 'vitest';
import { AGENT_FILE, parseAgentConfig } from './agent-config.ts';

const read = (text: string) => parseAgentConfig(text, AGENT_FILE);

describe('agent.yaml', () => {
  it('needs only a command', () => {
    expect(read('command: [my-agent, --print]\n')).toMatchObject({
      value: {
        command: ['my-agent', '--print'],
        stages: ['design', 'implementation'],
        timeoutSeconds: 3600,
        editScope: null,
      },
      problems: [],
    });
  });

  it.each([
    ['30', 1800],
    ['"0:05"', 5],
    ['"1-00"', 86_400],
  ])('takes %s as a walltime, as a design does', (text, seconds) => {
    expect(read(`command: [a]\ntimeout: ${text}\n`).value?.timeoutSeconds).toBe(seconds);
  });

  it('lets an agent decide only if it says so', () => {
    const stages = 'command: [a]\nstages: [design, implementation_review]\n';
    expect(read(stages)).toMatchObject({ value: null, problems: [{ pointer: '/stages/1', line: 2 }] });
    expect(read(`${stages}may_decide: true\n`).value?.stages).toEqual(['design', 'implementation_review']);
  });

  it.each([
    ['# later\n', '/command', 'is missing'],
    ['command: my-agent\n', '/command', 'must be a list'],
    ['command: []\n', '/command', 'must not be empty'],
    ['command: [a]\nstages: [launch]\n', '/stages/0', 'must be'],
    ['command: [a]\nstages: [human_review]\nmay_decide: true\n', '/stages/0', 'must be'],
    ['command: [a]\nstages: [hypothesis]\n', '/stages/0', 'must be'],
    ['command: [a]\ntimeout: soon\n', '/timeout', 'is not a time'],
    ['command: [a]\ntimeout: unlimited\n', '/timeout', 'must be finite'],
    ['command: [a]\nedit_scope: [../x]\n', '/edit_scope/0', '..'],
    ['command: [a]\nedit_scope: [/etc/**]\n', '/edit_scope/0', 'relative'],
    ['command: [a]\nedit_scopes: [x]\n', '/edit_scopes', 'edit_scope'],
  ])('says of %j what is wrong, and where', (text, pointer, words) => {
    const { value, problems } = read(text);
    expect(value).toBeNull();
    expect(problems[0]).toMatchObject({ pointer, severity: 'error' });
    expect(problems[0]?.message).toContain(words);
  });
});
