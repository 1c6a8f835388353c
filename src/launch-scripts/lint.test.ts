import { describe, expect, it } from 'vitest';
import type { Entrypoint } from '../project/design.ts';
import { LOCAL_PROLOGUE_1 } from './format-1/prologues.ts';
import { lintLocalScript, type LintOptions } from './lint.ts';
import { LOCAL_PROLOGUE_2 } from './local-prologue-2.ts';
import { LOCAL_PROLOGUE_3 } from './local-prologue-3.ts';
import { renderLocalScript } from './local-script.ts';
import { LOCAL_PROLOGUE } from './prologue.ts';

const FILE = 'experiments/iter1/launch/run_local.sh';
const ENTRYPOINT: Entrypoint = { kind: 'command', argv: ['node', 'train.mjs', '--out', '{{run_dir}}/a b'] };
const ACTIVATION = 'source venv/bin/activate\n';
const OPTIONS: LintOptions = { maxLines: 160, design: { entrypoint: ENTRYPOINT }, activation: ACTIVATION };
const OURS = renderLocalScript({
  design: { iteration_id: 'iter1', entrypoint: ENTRYPOINT },
  activation: ACTIVATION,
  python: 'python3',
});
const BY_HAND = `#!/bin/bash
# Mine.
set -euo pipefail
${LOCAL_PROLOGUE}${ACTIVATION}autolab_run node train.mjs --out "$AUTOLAB_RUN_DIR/a b"
`;

const lint = (text: string, options: LintOptions = OPTIONS): string[] =>
  lintLocalScript(text, FILE, options).map(
    (problem) => `${String(problem.line)}:${String(problem.column)} ${problem.code} ${problem.message}`,
  );

describe('lintLocalScript', () => {
  it('finds nothing in a rendered script and in a good one written by hand', () => {
    expect(lint(OURS)).toEqual([]);
    expect(lint(BY_HAND)).toEqual([]);
  });

  it('finds a second start without `autolab_run`, before the first one and behind it', () => {
    const bare = 'node train.mjs --out "$AUTOLAB_RUN_DIR/a b"\n';
    for (const text of [BY_HAND + bare, BY_HAND.replace('autolab_run ', `${bare}autolab_run `)])
      expect(lint(text)).toEqual([expect.stringContaining('the entrypoint is not started with `autolab_run`')]);
  });

  it.each([
    [
      'no #!',
      BY_HAND.replace('#!/bin/bash\n', ''),
      /^1:1 script.invalid line 1 must start bash, but is "# Mine."; write: #!\/usr\/bin\/env bash/,
    ],
    [
      'another shell',
      BY_HAND.replace('/bin/bash', '/bin/sh'),
      /^1:1 script.invalid line 1 must start bash, but is "#!\/bin\/sh"/,
    ],
    ['a byte order mark', `\uFEFF${BY_HAND}`, /^1:1 .*begins with a byte order mark/],
    ['CR LF', BY_HAND.replaceAll('\n', '\r\n'), /^1:12 script.invalid the line ends in CR LF/],
    ['NUL', BY_HAND.replace('Mine', 'Mi\0ne'), /^2:5 script.invalid there is a NUL/],
    [
      'no strict mode',
      BY_HAND.replace('set -euo pipefail\n', ''),
      /^4:1 script.invalid the first command must be `set -euo pipefail`.*write it before this line/,
    ],
    [
      'less than strict mode',
      BY_HAND.replace('set -euo pipefail', 'set -e'),
      /^3:1 script.invalid the first command must be `set -euo pipefail`, but is "set -e"/,
    ],
    [
      'no prologue',
      BY_HAND.replace(LOCAL_PROLOGUE, ''),
      /^4:1 script.invalid the prologue is missing.*autolab lint-script --prologue/,
    ],
    [
      'another prologue',
      BY_HAND.replace(LOCAL_PROLOGUE, '# autolab prologue v9 local: begin\n'),
      /^4:1 script.invalid "# autolab prologue v9 local: begin" begins another version .*start the entrypoint with `autolab_run`/,
    ],
    [
      'a changed prologue',
      BY_HAND.replace('receipt/claim"', 'receipt/clam"'),
      /^11:1 script.invalid the prologue was changed: write .*receipt\/claim.* instead of .*receipt\/clam/,
    ],
    [
      'a command before the prologue',
      BY_HAND.replace('set -euo pipefail\n', 'set -euo pipefail\nif false; then\n'),
      /^4:1 script.invalid "if false; then" runs before the prologue/,
    ],
    [
      'no activation',
      BY_HAND.replace(ACTIVATION, ''),
      /script.invalid the runtime environment is not activated .*"source venv\/bin\/activate"/,
    ],
    [
      'a changed activation',
      BY_HAND.replace(ACTIVATION, 'source venv/bin/activate  \n'),
      /the runtime environment is not activated/,
    ],
    [
      'no entrypoint',
      BY_HAND.replace('train.mjs', 'other.mjs'),
      /script.invalid the design's entrypoint is not run; write: autolab_run node train.mjs --out "\$\{AUTOLAB_RUN_DIR\}"'\/a b'/,
    ],
    [
      'an entrypoint without the wrapper',
      BY_HAND.replace('autolab_run node', 'exec node'),
      /script.invalid the entrypoint is not started with `autolab_run`.*write: autolab_run node train\.mjs/,
    ],
    [
      'the wrapper behind a program',
      BY_HAND.replace('autolab_run node', 'nice autolab_run node'),
      /the entrypoint is not started with `autolab_run`/,
    ],
    ['more arguments than the design', BY_HAND.replace('a b"', 'a b" --more'), /entrypoint is not run/],
    [
      'an entrypoint that is only a comment',
      BY_HAND.replace('autolab_run node', '# autolab_run node'),
      /entrypoint is not run/,
    ],
    [
      'a literal placeholder',
      BY_HAND.replace('# Mine', '# runs/<RUN_ID>'),
      /^2:8 placeholder.unresolved <RUN_ID> was not filled in/,
    ],
    [
      'a literal placeholder in braces',
      BY_HAND.replace('# Mine', '# {{ run_id }}'),
      /^2:3 placeholder.unresolved \{\{ run_id \}\} was not filled in/,
    ],
  ])('%s', (_, text, expected) => {
    expect(text).not.toBe(BY_HAND);
    const found = lint(text);

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it('names the activation before the prologue as such', () => {
    const text = BY_HAND.replace(ACTIVATION, '').replace('set -euo pipefail\n', `set -euo pipefail\n${ACTIVATION}`);

    expect(lint(text)).toEqual([
      expect.stringContaining('4:1 script.invalid "source venv/bin/activate" runs before the prologue'),
      expect.stringContaining('is activated before the prologue'),
    ]);
  });

  it('counts lines against the budget (R25)', () => {
    const long = `${BY_HAND.trimEnd()}\n${'# more\n'.repeat(200)}`;

    expect(lint(long)).toEqual([
      expect.stringMatching(/^161:1 script\.too_long the script has \d+ lines, and 160 are allowed/),
    ]);
    expect(lint(long, { ...OPTIONS, maxLines: null })).toEqual([]);
  });

  it('reports every broken rule at once', () => {
    expect(lint('echo <RUN_ID>\r\n').length).toBeGreaterThanOrEqual(6);
    expect(lint('').length).toBeGreaterThanOrEqual(5);
  });

  it('asks for no activation where there is nothing to activate', () => {
    expect(lint(BY_HAND.replace(ACTIVATION, ''), { ...OPTIONS, activation: '# nothing to activate\n' })).toEqual([]);
  });

  it.each([
    `autolab_run node train.mjs --out "\${AUTOLAB_RUN_DIR}"'/a b'`,
    `autolab_run node train.mjs \\\n  --out "\${AUTOLAB_RUN_DIR}/a b" > out.txt 2>&1`,
    `time autolab_run 'node' train.mjs --out "$AUTOLAB_RUN_DIR"/a\\ b | tee log`,
    `autolab_run nice -n 5 node train.mjs --out $AUTOLAB_RUN_DIR/"a b" # why`,
  ])('recognises the entrypoint written as %s', (command) => {
    expect(lint(BY_HAND.replace(/^autolab_run .*$/m, () => command))).toEqual([]);
  });

  it.each([
    `autolab_run node train.mjs --out "$HOME/a b"`,
    `autolab_run node train.mjs --out '$AUTOLAB_RUN_DIR/a b'`,
    `autolab_run node train.mjs --out "$(pwd)/a b"`,
  ])('does not take %s for the entrypoint', (command) => {
    expect(lint(BY_HAND.replace(/^autolab_run .*$/m, () => command))).toEqual([
      expect.stringContaining('entrypoint is not run'),
    ]);
  });

  it('judges a script of a journal of format 1 by the rules of that time', () => {
    const old = `#!/bin/bash\nset -euo pipefail\n${LOCAL_PROLOGUE_1}${ACTIVATION}exec node train.mjs --out "$AUTOLAB_RUN_DIR/a b"\n`;

    expect(lint(old, { ...OPTIONS, format: 1 })).toEqual([]);
    expect(lint(old, { ...OPTIONS, format: 2 })).toHaveLength(2);
  });

  it.each([LOCAL_PROLOGUE_2, LOCAL_PROLOGUE_3])(
    'accepts an older prologue, which starts the entrypoint as it should',
    (old) => {
      expect(lint(BY_HAND.replace(LOCAL_PROLOGUE, () => old))).toEqual([]);
    },
  );

  it('gets through a large script with open quotes', () => {
    const text = `${BY_HAND}${`echo "it's \n`.repeat(100_000)}`;

    expect(
      lint(text, { ...OPTIONS, maxLines: null, design: { entrypoint: { kind: 'command', argv: ['absent'] } } }),
    ).toHaveLength(1);
  });
});
