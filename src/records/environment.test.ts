import { describe, expect, it } from 'vitest';
import { composeEnvironment, type EnvironmentTexts } from './environment.ts';
import { condaIn, gpusIn, hostFacts, interpreterIn, nodeIn, pythonIn, variablesIn } from './environment-parts.ts';

const HOST =
  'kernel\t6.1.0\nos\t"Debian GNU/Linux 12"\ncpu\t\t: AMD EPYC 7763\nonline\t0-63,65\nusable\t\t0-1\nmemory\t       1024 kB\n.\n';
const TEXTS: EnvironmentTexts = {
  host: HOST,
  variables: 'LOADEDMODULES=gcc/12:cuda/12.1\nOMP_NUM_THREADS=2\n.\n',
  interpreter: 'python\n.\n',
  python: '/env/bin/python3\n3.11.7\nNumPy\t1.26.4\nruamel.yaml\t0.18\n.\n',
  conda: '.\n',
  node: '.\n',
  gpus: 'NVIDIA A100, 81920, 535.1\n.\n',
};

function recordOf(texts: Partial<EnvironmentTexts> = {}, image: string | null = null) {
  const composed = composeEnvironment({ ...TEXTS, ...texts }, image);
  if (composed === null) throw new Error('nothing was composed');
  return { ...composed, record: JSON.parse(composed.text) as Record<string, unknown> };
}

describe('the environment of a run', () => {
  it('is composed from its parts, with sorted keys', () => {
    const { text, record, interpreter } = recordOf();
    expect(record).toEqual({
      container: null,
      cpu: { model: 'AMD EPYC 7763', online: 65, usable: 2 },
      format: 1,
      gpus: [{ driver: '535.1', memory_mib: 81920, name: 'NVIDIA A100' }],
      interpreter: { path: '/env/bin/python3', version: '3.11.7' },
      kernel: '6.1.0',
      memory_bytes: 1_048_576,
      modules: ['gcc/12', 'cuda/12.1'],
      os: 'Debian GNU/Linux 12',
      packages: { python: { numpy: '1.26.4', 'ruamel-yaml': '0.18' } },
      variables: { LOADEDMODULES: 'gcc/12:cuda/12.1', OMP_NUM_THREADS: '2' },
    });
    expect(interpreter).toEqual({ path: '/env/bin/python3', version: '3.11.7' });
    expect(Object.keys(record)).toEqual(Object.keys(record).sort());
    expect(recordOf().text).toBe(text);
  });

  it('has a fingerprint of interpreter, packages and image alone', () => {
    const { fingerprint } = recordOf();
    const elsewhere = {
      host: HOST.replace('AMD EPYC 7763', 'Intel'),
      variables: 'TZ=Asia/Tokyo\n.\n',
      python: '/other/python3\n3.11.7\nruamel-yaml\t0.18\nnumpy\t1.26.4\n.\n',
      gpus: '',
    };
    expect(recordOf(elsewhere).fingerprint).toBe(fingerprint);
    for (const other of [
      { python: TEXTS.python?.replace('3.11.7', '3.11.8') ?? null },
      { python: TEXTS.python?.replace('1.26.4', '1.26.5') ?? null },
      { variables: 'APPTAINER_CONTAINER=/images/x.sif\n.\n' },
    ]) {
      expect(recordOf(other).fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(recordOf(other).fingerprint).not.toBe(fingerprint);
    }
  });

  it.each([
    ['python', 'packages'],
    ['conda', 'packages'],
    ['host', 'os'],
    ['variables', 'modules'],
    ['interpreter', 'interpreter'],
  ] as const)('without the part %s has no fingerprint, and null for %s', (part, key) => {
    for (const text of [null, '', (TEXTS[part] ?? '').replace(/\.\n$/, '')]) {
      const { record, fingerprint } = recordOf({ [part]: text });
      expect(fingerprint).toBeNull();
      expect(record[key]).toBeNull();
    }
  });

  it('has no fingerprint if no packages are listed, or an interpreter was not asked', () => {
    expect(recordOf({ interpreter: 'bash\n/bin/bash\n5.2\n.\n', python: '.\n' })).toMatchObject({
      interpreter: { path: '/bin/bash', version: '5.2' },
      fingerprint: null,
      record: { packages: {} },
    });
    expect(recordOf({ interpreter: 'unknown\n.\n' })).toMatchObject({ interpreter: null, fingerprint: null });
  });

  it('lists a Python that is not the interpreter among the packages', () => {
    const { record, fingerprint } = recordOf({ interpreter: 'none\n.\n' });
    expect(record).toMatchObject({ interpreter: null, packages: { python: { python: '3.11.7', numpy: '1.26.4' } } });
    expect(fingerprint).not.toBeNull();
  });

  it('has the image that the entrypoint names, whose interpreter is not asked', () => {
    expect(recordOf({ interpreter: 'unknown\n.\n' }, '/x.sif')).toMatchObject({
      record: { container: { kind: 'apptainer', image: '/x.sif' }, interpreter: null },
      fingerprint: null,
    });
  });

  it('is nothing if nothing was written', () => {
    const none = { host: null, variables: null, interpreter: null, python: null, conda: null, node: null, gpus: null };
    expect(composeEnvironment(none, null)).toBeNull();
  });
});

describe('a part', () => {
  it('of the host says what is missing', () => {
    expect(hostFacts('docker\t\n.\n')).toEqual({
      kernel: null,
      os: null,
      cpu: { model: null, online: null, usable: null },
      memory_bytes: null,
      container: { kind: 'docker', image: null },
    });
    expect(hostFacts('podman\t\nimage\t"docker.io/x:1"\n.\n')?.container).toEqual({
      kind: 'podman',
      image: 'docker.io/x:1',
    });
  });

  it('of variables keeps lines and backslashes, and no credentials in URLs', () => {
    expect(variablesIn(`A=${'x'.repeat(300_000)}\n.\n`)).toBeNull();
    expect(variablesIn('A=x\\ny\\\\n\nB=\nC=https://u:p@h/\n.\n')).toEqual({
      A: 'x\ny\\n',
      B: '',
      C: 'https://***@h/',
    });
  });

  it('of a package list takes the first of two versions, and no control characters', () => {
    expect(pythonIn('/p\n3\na_b\t1\nA.B\t2\nx\u001b[31m\t1\n.\n')).toMatchObject({
      packages: { 'a-b': '1', 'x [31m': '1' },
    });
    expect(condaIn('/c\ngcc_linux-64-12.3.0-h1_2.json\nhistory\n.\n')).toEqual({ 'gcc_linux-64': '12.3.0 h1_2' });
    expect(pythonIn(`/p\n3\n${Array.from({ length: 10_001 }, (_, index) => `p${index}\t1\n`).join('')}.\n`)).toBeNull();
  });

  it('of Node takes the version of each place', () => {
    const lines = [
      '  "version": "0",',
      '    "node_modules/a": {',
      '      "version": "1.0.0",',
      '        "version": "^9"',
      '    "node_modules/linked": {',
      '    "node_modules/a/node_modules/b": {',
      '      "version": "2.0.0",',
    ];
    expect(nodeIn(`${lines.join('\n')}\n.\n`)).toEqual({ a: '1.0.0', 'a/node_modules/b': '2.0.0' });
  });

  it('of GPUs and interpreters is read as they say it', () => {
    expect(gpusIn('A, B, [N/A], 1\n.\n')).toEqual([{ name: 'A, B', memory_mib: null, driver: '1' }]);
    expect(gpusIn('no devices\n.\n')).toBeNull();
    expect(interpreterIn('julia\n/j\njulia version 1.10.4\n.\n')).toEqual({
      kind: 'julia',
      path: '/j',
      version: '1.10.4',
    });
  });
});
