/** A call at work: await it for its result, or iterate over it for its events. */
export interface Call<Result, Event> extends Promise<Result>, AsyncIterable<Event> {}

/**
 * Begins a call. Its events go to `onEvent`, and to whoever iterates over it from the moment of the call on. A listener
 * that throws does not disturb the work: the call ends with what it threw, once the work is done.
 */
export function call<Result, Event>(
  work: (emit: (event: Event) => void) => Promise<Result>,
  onEvent: ((event: Event) => void) | undefined,
): Call<Result, Event> {
  const streams = new Set<EventStream<Event>>();
  let thrown: { readonly error: unknown } | null = null;
  const emit = (event: Event): void => {
    for (const stream of streams) stream.push(event);
    try {
      onEvent?.(event);
    } catch (error) {
      thrown ??= { error };
    }
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

/** Events between the one who makes them and the one who takes them. */
class EventStream<Event> implements AsyncIterator<Event, undefined> {
  private readonly events: Event[] = [];
  private ended: { readonly error: { readonly error: unknown } | null } | null = null;
  private wake: (() => void) | null = null;
  private readonly forget: (stream: EventStream<Event>) => void;

  constructor(forget: (stream: EventStream<Event>) => void) {
    this.forget = forget;
  }

  push(event: Event): void {
    this.events.push(event);
    this.wake?.();
  }

  end(error: { readonly error: unknown } | null): void {
    this.ended = { error };
    this.wake?.();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      const [event] = this.events.splice(0, 1);
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
    return Promise.resolve({ done: true, value: undefined });
  }
}
