/** A call at work: await it for its result, or iterate over it for its events. */
export interface Call<Result, Event> extends Promise<Result>, AsyncIterable<Event> {}

/** Hands an event to whoever listens. Returns a promise if one of them needs time for it, as a slow terminal does. */
export type EmitAndWait<Event> = (event: Event) => Promise<void> | undefined;

/**
 * Begins a call. Its events go to `onEvent`, and to whoever iterates over it from the moment of the call on. A listener
 * that throws does not disturb the work: the call ends with what it threw, once the work is done.
 */
export function call<Result, Event>(
  work: (emit: EmitAndWait<Event>) => Promise<Result>,
  onEvent: ((event: Event) => unknown) | undefined,
): Call<Result, Event> {
  const streams = new Set<EventStream<Event>>();
  let thrown: { readonly error: unknown } | null = null;
  const keep = (error: unknown): void => {
    thrown ??= { error };
  };
  const emit = (event: Event): Promise<void> | undefined => {
    for (const stream of streams) stream.push(event);
    const waits = [...streams].flatMap((stream) => stream.room() ?? []);
    try {
      const taken = onEvent?.(event);
      if (taken instanceof Promise) waits.push(taken.then(() => undefined, keep));
    } catch (error) {
      keep(error);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  };
  const listened = (): typeof thrown => thrown;
  const promise = work(emit).then((result) => {
    const failed = listened();
    if (failed !== null) throw failed.error;
    return result;
  });
  return Object.assign(promise, {
    [Symbol.asyncIterator]: (): AsyncIterator<Event> => {
      const stream = new EventStream<Event>((ended) => streams.delete(ended));
      streams.add(stream);
      promise.then(
        () => {
          stream.end(null);
        },
        (error: unknown) => {
          stream.end({ error });
        },
      );
      return stream;
    },
  });
}

/** So many events may wait to be taken; a call that can wait then does. */
const MOST_WAITING = 16;

/** Events between the one who makes them and the one who takes them. */
class EventStream<Event> implements AsyncIterator<Event, undefined> {
  private readonly events: Event[] = [];
  private ended: { readonly error: { readonly error: unknown } | null } | null = null;
  private wake: (() => void) | null = null;
  private whenRoom: (() => void)[] = [];
  private readonly forget: (stream: EventStream<Event>) => void;

  constructor(forget: (stream: EventStream<Event>) => void) {
    this.forget = forget;
  }

  push(event: Event): void {
    this.events.push(event);
    this.wake?.();
  }

  /** Returns when fewer events wait; undefined if they are few. */
  room(): Promise<void> | undefined {
    if (this.events.length < MOST_WAITING) return undefined;
    return new Promise((resolve) => {
      this.whenRoom.push(resolve);
    });
  }

  private tellRoom(): void {
    const waiting = this.whenRoom;
    this.whenRoom = [];
    for (const tell of waiting) tell();
  }

  end(error: { readonly error: unknown } | null): void {
    this.ended = { error };
    this.wake?.();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      const event = this.events.shift();
      if (this.events.length < MOST_WAITING) this.tellRoom();
      if (event !== undefined) return { done: false, value: event };
      if (this.ended !== null) {
        if (this.ended.error !== null) throw this.ended.error.error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** `break` in a loop: the call itself continues. */
  return(): Promise<IteratorResult<Event, undefined>> {
    this.forget(this);
    this.tellRoom();
    return Promise.resolve({ done: true, value: undefined });
  }
}
