import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentProject, agentRecord } from '../support/agents.ts';
import { autolabJson } from '../support/autolab.ts';
import { commitAll, makeProject, read, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';

/** `autolab run`: what a scripted agent does is kept within its scope, and the outputs decide. */

describe('an agent that behaves', () => {
  it('does its stages, up to the review, with the prompt of each on its input', async () => {
    const design = read(makeProject(), 'experiments/iter1/design.yaml');
    const agent = [
      'cat > "experiments/iter1/prompt.$AUTOLAB_STAGE"',
      'echo "working on $AUTOLAB_STAGE"; echo oops >&2',
      'case $AUTOLAB_STAGE in',
      `design) cat > experiments/iter1/design.yaml <<'END'\n${design}END\n;;`,
      'implementation) mkdir -p src; echo 1 > src/model.py;;',
      'esac',
    ].join('\n');
    const root = agentProject({ agent, stage: 'design' });
    write(root, 'experiments/iter1/design.yaml', 'id: [\n');
    commitAll(root);

    const ended = await autolabJson(root, ['run']);

    expect(ended, ended.stderr).toMatchObject({
      status: 0,
      json: {
        command: 'run',
        outcome: 'ok',
        stage_after: 'implementation_review',
        next_command: 'autolab approve --by WHO',
        stages: [
          { stage: 'design', who: 'agent', outcome: 'ok', code: 'ok', outside: [] },
          { stage: 'implementation', who: 'agent', code: 'ok', log: '.autolab/logs/agent-2-implementation' },
          { stage: 'implementation_review', who: 'reviewer', outcome: 'ok' },
        ],
      },
    });
    expect(ended.json['hint']).toContain('autolab approve --by WHO');
    expect(stateOf(root)).toMatchObject({ stage: 'implementation_review', stage_attempt: 0 });
    expect(read(root, 'src/model.py')).toBe('1\n');
    expect(read(root, 'experiments/iter1/prompt.design')).toContain('design');
    expect(read(root, '.autolab/logs/agent-1-design/stdout.log')).toBe('working on design\n');
    expect(read(root, '.autolab/logs/agent-1-design/stderr.log')).toBe('oops\n');
    expect(agentRecord(root, 1, 'design')).toMatchObject({
      phase: 'closed',
      code: null,
      argv: ['bash', '.autolab/agent.sh'],
      end: { exit_code: 0, signal: null, timed_out: false, spawn_error: null },
    });
    expect(existsSync(join(root, '.autolab/logs/agent-1-design/before'))).toBe(false);
  });
});
