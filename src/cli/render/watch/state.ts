import type { WatchedRun } from '../../../index.ts';

/** What the live view shows and does, and what keys and news make of it. Pure. */

export interface ViewState {
  readonly run: WatchedRun;
  /** `question`: whether to cancel the run. */
  readonly mode: 'view' | 'logs' | 'question';
  /** What is being done about a cancel; null if none was asked for. */
  readonly cancel: { readonly words: string; readonly isDone: boolean } | null;
}

export type ViewInput =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'run'; readonly run: WatchedRun }
  | { readonly kind: 'cancel'; readonly words: string; readonly isDone: boolean };

export type ViewAction = 'leave' | 'cancel' | 'suspend' | 'redraw';

export interface ViewStep {
  readonly state: ViewState;
  readonly action: ViewAction | null;
}

const CTRL_C = '\u0003';
const CTRL_L = '\u000C';
const CTRL_Z = '\u001A';
const ESC = '\u001B';

export function nextView(state: ViewState, input: ViewInput): ViewStep {
  if (input.kind === 'key') return afterKey(state, input.key);
  if (input.kind === 'cancel') return stay({ ...state, cancel: { words: input.words, isDone: input.isDone } });
  // The answer to a question about a run that has ended would be about another run.
  const mode = state.mode === 'question' && !canCancel(input.run) ? 'view' : state.mode;
  return stay({ ...state, run: input.run, mode });
}

export function canCancel({ phase }: WatchedRun): boolean {
  return phase !== 'closed';
}

function afterKey(state: ViewState, key: string): ViewStep {
  if (key === CTRL_C) return { state, action: 'leave' };
  if (key === CTRL_Z) return { state, action: 'suspend' };
  if (key === CTRL_L) return { state, action: 'redraw' };
  if (state.mode === 'question')
    return { state: { ...state, mode: 'view' }, action: key === 'y' || key === 'Y' ? 'cancel' : null };
  switch (key) {
    case 'q':
      return { state, action: 'leave' };
    case 'c':
      return stay(canCancel(state.run) && isFree(state) ? { ...state, mode: 'question' } : state);
    case 'l':
      return stay({ ...state, mode: state.mode === 'logs' ? 'view' : 'logs' });
    case ESC:
      return stay({ ...state, mode: 'view' });
    default:
      return stay(state);
  }
}

function isFree({ cancel }: ViewState): boolean {
  return cancel === null || cancel.isDone;
}

function stay(state: ViewState): ViewStep {
  return { state, action: null };
}

// A lone escape is a key; what follows one at once is a key of its own name, such as an arrow, or a report of the terminal.
const KEYS = /\u001B(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O\u001B])|[^]/gu;

/** The keys in what a terminal sent. */
export function keysIn(text: string): readonly string[] {
  return text.match(KEYS) ?? [];
}
