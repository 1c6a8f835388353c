import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentProject, agentRecord } from '../support/agents.ts';
import { autolabJson } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { commitAll, edit, makeProject, read, readJson, runIds, write } from '../support/project.ts';
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

    const turn = await call(root, ['next']);
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
    expect(turn.json).toMatchObject({ who: 'agent', next_command: 'autolab run' });
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

describe('an agent that may decide', () => {
  const settings = 'stages: [implementation_review]\nmay_decide: true\n';
  const verdict = (status: string, findings: readonly string[]) =>
    `echo '${JSON.stringify({ status, blocking_findings: findings, required_checks: {} })}' > experiments/iter1/review_result.json\n`;

  it('approves with the checks and digests of autolab, which then launches', async () => {
    const root = agentProject({ agent: verdict('pass', []), settings, stage: 'implementation_review' });
    commitAll(root);

    const ended = await call(root, ['run', '--until', 'extract_results']);

    expect(ended, ended.stderr).toMatchObject({
      status: 0,
      json: {
        code: 'ok',
        stage_after: 'extract_results',
        stages: [
          { stage: 'implementation_review', who: 'agent', code: 'review.approved' },
          { stage: 'launch', who: 'autolab', outcome: 'completed', code: 'run.completed' },
        ],
      },
    });
    const review = readJson(root, 'experiments/iter1/review_result.json');
    expect(review).toMatchObject({ status: 'pass', reviewed_by: 'agent', required_checks: { schema: 'pass' } });
    expect(review['approved'].design).toMatch(/^[0-9a-f]{64}$/);
  });

  it('sends back what it finds wanting, and no further round begins', async () => {
    const agent = verdict('needs_retry', ['no seed is set']);
    const root = agentProject({ agent, settings, stage: 'implementation_review' });

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({
      status: 10,
      json: { code: 'review.rejected', stage_after: 'implementation', attempt_counted: false },
    });
    expect(readJson(root, 'experiments/iter1/review_result.json')['blocking_findings']).toEqual(['no seed is set']);
  });

  it('decides from results, and the next round is for another call', async () => {
    const agent = `cat > src/prompt\necho '{"decision": "repeat", "note": "the seed was not set"}' > experiments/iter1/decision_result.json\n`;
    const root = agentProject({ agent, settings: 'stages: [decide_repeat]\nmay_decide: true\n', stage: 'launch' });
    write(root, 'src/prompt', '');
    edit(
      root,
      'experiments/iter1/design.yaml',
      (text) => `${text}metrics: {primary: {name: accuracy, mode: maximize}}\n`,
    );

    const ended = await call(root, ['run']);

    expect(ended, ended.stderr).toMatchObject({ status: 0, json: { stage_after: 'launch' } });
    expect(ended.json['stages'].at(-1)).toMatchObject({ stage: 'decide_repeat', who: 'agent', outcome: 'ok' });
    expect(readJson(root, 'experiments/iter1/decision_result.json')).toMatchObject({
      decision: 'repeat',
      by: 'agent',
      note: 'the seed was not set',
    });
    expect(read(root, 'src/prompt')).toContain('decision_result.json anew');
    expect(runIds(root)).toHaveLength(1);
  });

  it.each([['implementation_review', 'review_result.json', '{"status": "needs_retry"}', '"pass"']])(
    'leaves no verdict at %s if it fails, and the same words count later',
    async (stage, file, said, before) => {
      const agent = `echo '${said}' > experiments/iter1/${file}\n[ -e src/second ]\n`;
      const root = agentProject({ agent, settings: `stages: [${stage}]\nmay_decide: true\n`, stage });
      write(root, 'src/first', '');

      const failed = await call(root, ['run']);
      const left = read(root, `experiments/iter1/${file}`);
      write(root, 'src/second', '');
      const again = await call(root, ['run']);

      expect(failed.json).toMatchObject({ code: 'agent.failed', stage_attempt: 1 });
      expect(left).toContain(before);
      expect(read(root, `.autolab/logs/agent-1-${stage}/outside/experiments/iter1/${file}`)).toBe(`${said}\n`);
      expect(again.json['code'], again.stderr).not.toMatch(/^agent/);
    },
  );

  it('has not decided if the verdict is the old one', async () => {
    const root = agentProject({ agent: 'true\n', settings, stage: 'implementation_review' });

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({ status: 10, json: { code: 'agent.not_done', stage_attempt: 1 } });
    expect(stateOf(root)['stage']).toBe('implementation_review');
  });
});

describe('without an agent, autolab run', () => {
  it.each([
    ['hypothesis', 10, 'stage.incomplete', 'author', 'autolab advance'],
    ['design', 10, 'stage.incomplete', 'author', 'autolab advance'],
    ['implementation_review', 0, 'ok', 'reviewer', 'autolab approve --by WHO'],
    ['decide_repeat', 0, 'ok', 'reviewer', 'autolab decide repeat|next|stop --by WHO --note TEXT'],
    ['human_review', 11, 'state.human_review', 'reviewer', 'autolab review pass|retry|stop --by WHO --note TEXT'],
    ['stop', 0, 'ok', 'reviewer', null],
    ['tidy_up', 12, 'state.wrong_stage', 'author', null],
  ])('says at %s whose turn it is', async (stage, status, code, who, next) => {
    const root = makeProject({ state: { stage } });
    const before = stateOf(root);

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({
      status,
      json: { code, next_command: next, attempt_counted: status === 0 ? null : false, stages: [{ stage, who }] },
    });
    expect(stateOf(root)).toEqual(before);
  });

  it('launches, and stops where it is told to', async () => {
    const root = makeProject();

    const ended = await call(root, ['run', '--until', 'extract_results']);
    const again = await call(root, ['run', '--until', 'extract_results']);

    expect(ended).toMatchObject({ status: 0, json: { stages: [{ stage: 'launch', code: 'run.completed' }] } });
    expect(again).toMatchObject({
      status: 0,
      json: { stages: [], message: expect.stringContaining('extract_results') },
    });
    expect(runIds(root)).toHaveLength(1);
  });

  it('does all that is its own, from the launch to the decision', async () => {
    const root = makeProject();
    edit(
      root,
      'experiments/iter1/design.yaml',
      (text) => `${text}metrics: {primary: {name: accuracy, mode: maximize}}\n`,
    );

    const ended = await call(root, ['run']);

    expect(ended, ended.stderr).toMatchObject({
      status: 0,
      json: {
        stage_after: 'decide_repeat',
        stages: [
          { stage: 'launch', who: 'autolab' },
          { stage: 'extract_results', who: 'autolab', outcome: 'ok' },
          { stage: 'update_docs', who: 'autolab', outcome: 'ok' },
          { stage: 'decide_repeat', who: 'reviewer' },
        ],
      },
    });
    expect(read(root, 'docs/results.md')).toContain(runIds(root)[0]);
  });

  it('ends as the launch does if that fails', async () => {
    const root = makeProject({ entrypoint: 'exit 3\n' });

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({
      status: 10,
      json: { command: 'run', code: 'local.failed', stage_attempt: 1, next_command: 'autolab launch' },
    });
    expect(ended.json['stages']).toMatchObject([{ stage: 'launch', who: 'autolab', code: 'local.failed' }]);
  });

  it('refuses a file for an agent that it cannot use, and a stage that is none', async () => {
    const root = makeProject({ state: { stage: 'design' } });
    write(root, '.autolab/agent.yaml', 'command: [a]\nstages: [launch]\n');

    expect(await call(root, ['run'])).toMatchObject({
      status: 10,
      json: { code: 'config.invalid', problems: [{ file: '.autolab/agent.yaml', line: 2, pointer: '/stages/0' }] },
    });
    expect(await call(root, ['run', '--until', 'nonsense'])).toMatchObject({ status: 2 });
  });
});
