import type { Reducers } from './reducer.ts';
import type { RunState, StepView } from './state.ts';

const NO_STEP: Omit<StepView, 'name'> = {
  attempts: 0,
  began: null,
  ended: null,
  pending: false,
  intent: null,
  outcome: null,
};

/** What a step is about to do, and what came of it. */
export const STEP_EVENTS = {
  'step.intent': (state, { step: name, at, data: intent }) => {
    const step = stepOf(state, name);
    return withStep(state, {
      ...step,
      attempts: step.attempts + 1,
      began: step.began ?? at,
      ended: null,
      pending: true,
      intent,
      outcome: null,
    });
  },
  'step.outcome': (state, { step: name, at, data: outcome }) => {
    const step = stepOf(state, name);
    return withStep(state, { ...step, began: step.began ?? at, ended: at, pending: false, outcome });
  },
  'attempt.failed': (state, { data }) => ({ ...state, lastFailure: data, position: data.after }),
} satisfies Partial<Reducers>;

function stepOf(state: RunState, name: string): StepView {
  return state.steps.get(name) ?? { ...NO_STEP, name };
}

function withStep(state: RunState, step: StepView): RunState {
  return { ...state, steps: new Map(state.steps).set(step.name, step) };
}
