/**
 * A global set-up of vitest that some machines cannot have. Its tests are then skipped, and the run says so twice: at once and
 * at its end. In CI, and with AUTOLAB_REQUIRE_<NAME>=1, that is a failure.
 *
 * @param {object} what
 * @param {string} what.name such as `SSH`
 * @param {string} what.tests where its tests are
 * @param {string} what.because why they are skipped, with the error behind it
 * @param {() => Promise<object>} what.start gives what the tests get beside the reason
 * @param {object} [what.otherwise] what they get in its place
 * @param {() => Promise<void>} [what.end]
 * @returns {{setup: (project: {provide: (key: string, value: object) => void}) => Promise<void>, teardown: () => Promise<void>}}
 *   the tests get `reason`: null, or why they are skipped
 */
export function optionalTests({ name, tests, because, start, otherwise = {}, end = async () => {} }) {
  const required = isTrue(process.env['CI']) || process.env[`AUTOLAB_REQUIRE_${name}`] === '1';
  let reason = null;
  const announce = () => {
    if (reason !== null) console.error(`\nSKIPPED: every test under ${tests}, because ${because}.\n${reason}\n`);
  };
  return {
    async setup({ provide }) {
      let given = otherwise;
      try {
        given = await start();
      } catch (error) {
        if (required) throw error;
        reason = error.message;
        announce();
      }
      provide(name.toLowerCase(), { ...given, reason });
    },
    async teardown() {
      await end();
      announce();
    },
  };
}

function isTrue(text) {
  return text !== undefined && !['', '0', 'false'].includes(text);
}
