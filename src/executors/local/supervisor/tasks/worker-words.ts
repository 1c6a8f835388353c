/** What a worker says on its channel, line by line: see local-tasks-script.ts. Pure. */

export type WorkerNews =
  | { readonly kind: 'ready' }
  /** Data and environment were looked at; the run has begun. */
  | { readonly kind: 'began' }
  | { readonly kind: 'pid'; readonly pid: number }
  /** The logs of the task cannot be opened. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'end'; readonly exitCode: number | null; readonly signal: number | null; readonly cpuMs: number };

export interface Listening {
  /** The beginning of a line. */
  readonly rest: string;
  /** Of all its children so far, in milliseconds. */
  readonly cpuMs: number;
  /** The same at the last end. */
  readonly cpuBefore: number;
  /** It said something else since the last order: that a signal ended the task. */
  readonly bySignal: boolean;
}

export const LISTENING: Listening = { rest: '', cpuMs: 0, cpuBefore: 0, bySignal: false };

export function nextWords(
  listening: Listening,
  said: string,
): { readonly listening: Listening; readonly news: readonly WorkerNews[] } {
  const lines = (listening.rest + said).split('\n');
  let now: Listening = { ...listening, rest: lines.pop() ?? '' };
  const news: WorkerNews[] = [];
  for (const line of lines) {
    const heard = hear(now, line);
    now = heard.listening;
    if (heard.news !== null) news.push(heard.news);
  }
  return { listening: now, news };
}

function hear(now: Listening, line: string): { readonly listening: Listening; readonly news: WorkerNews | null } {
  const pid = /^pid (\d+)$/.exec(line)?.[1];
  if (pid !== undefined) return { listening: { ...now, bySignal: false }, news: { kind: 'pid', pid: Number(pid) } };
  const status = /^end (\d+)$/.exec(line)?.[1];
  if (status !== undefined) return { listening: { ...now, cpuBefore: now.cpuMs }, news: endOf(now, Number(status)) };
  if (line === 'ready' || line === 'began')
    return { listening: { ...now, cpuBefore: now.cpuMs, bySignal: false }, news: { kind: line } };
  if (line === 'refused') return { listening: now, news: { kind: 'refused' } };
  const times = timesIn(line);
  // Two lines: the shell itself, then its children.
  return { listening: times === null ? { ...now, bySignal: true } : { ...now, cpuMs: times }, news: null };
}

/** bash says 128 + N for a child that signal N ended, as for one that exited with that status. */
function endOf({ cpuMs, cpuBefore, bySignal }: Listening, status: number): WorkerNews {
  const signal = bySignal && status > 128 && status <= 192 ? status - 128 : null;
  return { kind: 'end', exitCode: signal === null ? status : null, signal, cpuMs: Math.max(0, cpuMs - cpuBefore) };
}

/** `0m0.004s 1m2.500s`, user and system; the decimal point is the locale's. */
function timesIn(line: string): number | null {
  const match = /^(\d+)m(\d+)[.,](\d{3})s (\d+)m(\d+)[.,](\d{3})s$/.exec(line);
  if (match === null) return null;
  const [minutes = 0, seconds = 0, ms = 0, minutes2 = 0, seconds2 = 0, ms2 = 0] = match.slice(1).map(Number);
  return (minutes + minutes2) * 60_000 + (seconds + seconds2) * 1000 + ms + ms2;
}
