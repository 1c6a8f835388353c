/** The one door to other hosts by HTTP: nothing of the address, of the answer, or of an error's own words is kept. */

export interface PostEnd {
  /** The status of the answer; null if there was none. */
  readonly status: number | null;
  /** Why there was none: `ECONNREFUSED`, `timeout`; null if there was one. */
  readonly error: string | null;
}

/** Posts JSON. Never rejects. Redirects are not followed: they would send the text somewhere else. */
export async function postJson(address: URL, text: string, signal: AbortSignal): Promise<PostEnd> {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: text,
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'autolab',
        ...(username === '' && password === '' ? {} : { authorization: `Basic ${basic}` }),
      },
    });
    await answer.body?.cancel();
    return { status: answer.status, error: null };
  } catch (error) {
    return { status: null, error: signal.aborted ? 'timeout' : codeOf(error) };
  }
}

/** The code alone: the message of an error has the address. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'no answer';
}
