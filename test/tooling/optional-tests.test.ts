import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadScript } from './scripts.ts';

interface SetUp {
  readonly setup: (project: { readonly provide: (key: string, value: object) => void }) => Promise<void>;
  readonly teardown: () => Promise<void>;
}

const { optionalTests } = await loadScript<{ optionalTests: (what: object) => SetUp }>('optional-tests.mjs');

const FAILING = {
  name: 'MOON',
  tests: 'test/moon',
  because: 'there is no moon here',
  otherwise: { folder: null },
  start: () => Promise.reject(new Error('it is cloudy')),
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('tests that some machines cannot run', () => {
  it('get what was started', async () => {
    const provide = vi.fn();
    await optionalTests({ ...FAILING, start: () => Promise.resolve({ folder: '/m' }) }).setup({ provide });
    expect(provide).toHaveBeenCalledWith('moon', { folder: '/m', reason: null });
  });

  it('are skipped, and the run says so at its beginning and at its end', async () => {
    vi.stubEnv('CI', 'false');
    const said = vi.spyOn(console, 'error').mockReturnValue();
    const provide = vi.fn();
    const { setup, teardown } = optionalTests(FAILING);
    await setup({ provide });
    expect(provide).toHaveBeenCalledWith('moon', { folder: null, reason: 'it is cloudy' });
    await teardown();
    const line = '\nSKIPPED: every test under test/moon, because there is no moon here.\nit is cloudy\n';
    expect(said.mock.calls).toEqual([[line], [line]]);
  });

  it.each([
    ['CI', 'true'],
    ['AUTOLAB_REQUIRE_MOON', '1'],
  ])('fail with %s', async (name, value) => {
    vi.stubEnv('CI', '');
    vi.stubEnv(name, value);
    await expect(optionalTests(FAILING).setup({ provide: vi.fn() })).rejects.toThrow('it is cloudy');
  });
});
