export const ACTIVATION_BEGIN = '# runtime environment (docs/environment.md): begin';
export const ACTIVATION_END = '# runtime environment: end';

/**
 * The activation of docs/environment.md, byte for byte, in a script. `-u` is lifted around it, because activations of
 * conda and of environment modules read unset variables; the rest of the script runs in the project root, whatever
 * folder the activation changed to. Pure.
 */
export function activationBlock(activation: string): string {
  return `set +u
${ACTIVATION_BEGIN}
${endedByLf(activation)}${ACTIVATION_END}
set -u
cd -- "$AUTOLAB_REPO_ROOT"
`;
}

function endedByLf(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
