import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { parseState, patchState } from './state.ts';

const FULL = `{
  "iteration_id": "iter1", "experiment_id": "e1", "stage": "launch", "stage_attempt": 1, "max_stage_attempts": 5,
  "last_run_id": "", "pending_run_id": null, "sync_status": "ok", "max_total_iterations": 20, "history": [{"stage": "design"}],
  "repeat_guard": {"big": 12345678901234567890, "ratio": 1.0}
}`;

describe('parseState', () => {
  it('reads every field; empty run ids are not set', () => {
    expect(parseState(FULL, 's')).toEqual({
      value: {
        iteration_id: 'iter1',
        experiment_id: 'e1',
        stage: 'launch',
        stage_attempt: 1,
        max_stage_attempts: 5,
        last_run_id: null,
        pending_run_id: null,
        sync_status: 'ok',
        max_total_iterations: 20,
        history: [{ stage: 'design' }],
      },
      problems: [],
    });
  });

  it('has defaults for what may be left out', () => {
    expect(parseState('{"iteration_id": "i", "stage": "design"}', 's').value).toMatchObject({
      experiment_id: '',
      stage_attempt: 0,
      max_stage_attempts: 3,
      last_run_id: null,
      history: [],
    });
  });

  it('takes a stage that it does not know for a stage', () => {
    const { value, problems } = parseState('{"iteration_id": "i", "stage": "slurm_monitor"}', 's');
    expect([value?.stage, problems]).toEqual(['slurm_monitor', []]);
    expect(parseState('{"iteration_id": "i", "stage": ""}', 's').value).toBeNull();
  });

  it('reports every problem at once', () => {
    const { value, problems } = parseState(
      '{"iteration_id": "../x", "stage": "lunch", "stage_attempt": -1, "pending_run_id": "<RUN_ID>"}',
      's',
    );
    expect(value).toBeNull();
    expect(problems.map(({ pointer, code }) => `${pointer ?? ''} ${code}`)).toEqual([
      '/iteration_id path.unsafe_id',
      '/stage_attempt value.invalid',
      '/pending_run_id path.unsafe_id',
    ]);
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { value, problems } = parseState(text, 's');
        expect(value !== null || problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('patchState', () => {
  it('sets keys in place, keeps every other byte, and appends to the history', () => {
    const patched = patchState(
      FULL,
      { stage: 'extract_results', last_run_id: 'r1' },
      { stage: 'launch', run_id: 'r1' },
    );
    expect(JSON.parse(patched)).toMatchObject({
      stage: 'extract_results',
      last_run_id: 'r1',
      experiment_id: 'e1',
      history: [{ stage: 'design' }, { stage: 'launch', run_id: 'r1' }],
    });
    expect(patched).toBe(
      FULL.replace('"stage": "launch"', '"stage": "extract_results"')
        .replace('"last_run_id": ""', '"last_run_id": "r1"')
        .replace('[{"stage": "design"}]', '[{"stage": "design"}, {"run_id": "r1", "stage": "launch"}]'),
    );
  });

  it('is idempotent without a history entry', () => {
    const once = patchState(FULL, { stage: 'stop' });
    expect(patchState(once, { stage: 'stop' })).toBe(once);
  });

  it('begins a history where there is none', () => {
    expect(JSON.parse(patchState('{}', {}, { a: 1 }))).toEqual({ history: [{ a: 1 }] });
  });

  it('keeps every unknown key', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const patched: unknown = JSON.parse(patchState(JSON.stringify(fields), { stage: 'launch' }));
        expect(patched).toEqual(JSON.parse(JSON.stringify({ ...fields, stage: 'launch' })));
      }),
    );
  });

  it('refuses to patch what is no object', () => {
    expect(() => patchState('[]', {})).toThrow('not a JSON object');
    expect(() => patchState('{', {})).toThrow('not a JSON object');
  });
});
