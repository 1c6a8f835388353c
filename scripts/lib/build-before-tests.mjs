/**
 * Global set-up of vitest: the tests run the built program as users do. The declarations are left out: no test reads them,
 * and they take most of the time.
 *
 * @param {{onTestsRerun: (callback: () => Promise<void>) => void}} project of vitest; it reruns only when it watches
 */
export async function setup(project) {
  // `npm test` has built already: vitest loads a module more slowly than Node does.
  if (process.env['AUTOLAB_BUILT'] === '1') return;
  const { build } = await import('./builder.mjs');
  await build({ types: false, log: console.log });
  project.onTestsRerun(async () => {
    // A source that is being edited does not always compile: the tests then run the program as it was.
    await build({ types: false, log: console.log }).catch((error) => console.error(`build: ${error.message}`));
  });
}
