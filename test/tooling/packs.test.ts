import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { loadScript } from './scripts.ts';

interface Packs {
  readonly withValues: (body: string) => string;
  readonly refuseCircles: (outputs: Readonly<Record<string, Output>>) => void;
}

/** As in esbuild's metafile. */
interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** What a chunk exports that esbuild made of these exports and this text. */
async function exportsOf(names: readonly string[], text: string): Promise<Readonly<Record<string, unknown>>> {
  const packs = await loadScript<Packs>('packs.mjs');
  const list = names.map((name) => `${name}:()=>${name}`).join(',');
  const body = `var stdin_exports={};__export(stdin_exports,{${list}});module.exports=stdin_exports;${text}`;
  const module = { exports: {} };
  runInNewContext(packs.withValues(body), { module });
  return module.exports;
}

it('a chunk gives its exports as values', async () => {
  const exported = await exportsOf(['one', 'Two', '$3'], 'var one=1,Two=class{},$3=one===1;');

  expect(exported).toEqual({ one: 1, Two: expect.anything() as unknown, $3: true });
  expect(Object.values(Object.getOwnPropertyDescriptors(exported)).every((one) => 'value' in one)).toBe(true);
});

it.each(['n=2', 'n++', '--n', 'n+=1', 'n??=2', 'n||=2'])('sees what a function changes later: %s', async (change) => {
  const exported = await exportsOf(['act', 'n'], `var n=null,act=()=>{${change}};`);
  expect(exported['n']).toBeNull();

  (exported['act'] as () => void)();

  expect(exported['n']).not.toBeNull();
});

it('loses no export whose name it cannot read', async () => {
  await expect(exportsOf(['n', '"a b"'], 'var n=1;')).rejects.toThrow('does not know such an export: "a b"');
});

it('takes a comparison, an arrow or a longer name for no change', async () => {
  const text = 'var n=1,$n=2,n1=n===1,act=n=>n==n1;$n=3,n1=4;';
  expect(Object.getOwnPropertyDescriptor(await exportsOf(['n'], text), 'n')).toMatchObject({ value: 1 });
});

it('refuses chunks that load one another, unless one does so later', async () => {
  const { refuseCircles } = await loadScript<Packs>('packs.mjs');
  const loads = (path: string, kind = 'import-statement'): Output => ({ imports: [{ path: `dist/${path}`, kind }] });
  const circle = { a: loads('b'), b: loads('c'), c: loads('b') };

  expect(() => {
    refuseCircles(circle);
  }).toThrow('these chunks load one another: a, b, c, b');

  refuseCircles({ ...circle, c: loads('b', 'dynamic-import') });
  refuseCircles({ a: { imports: [...loads('b').imports, ...loads('c').imports] }, b: loads('c'), c: { imports: [] } });
});
