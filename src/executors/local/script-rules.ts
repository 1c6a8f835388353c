import { lintLocalScript } from '../../launch-scripts/lint.ts';
import { renderLocalScript } from '../../launch-scripts/local-script.ts';
import { LOCAL_PROLOGUE } from '../../launch-scripts/prologue.ts';
import type { ScriptRules } from '../executor.ts';

export const localScriptRules: ScriptRules = {
  render: renderLocalScript,
  lint: lintLocalScript,
  // Any script that nothing else claims.
  recognizes: () => true,
  prologue: LOCAL_PROLOGUE,
  commandRecord: null,
};
