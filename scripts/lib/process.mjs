import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';

/**
 * Runs a program to its end in the checkout.
 *
 * @param {string[]} argv
 * @param {{inherit?: boolean, env?: Record<string, string>, cwd?: string}} [options] `inherit`: its output goes straight
 *   to ours; else it is collected, both streams as one text.
 * @returns {Promise<{status: number, output: string, seconds: number}>} 127 where it could not be started.
 */
export function runProgram([command, ...words], { inherit = false, env = {}, cwd = ROOT } = {}) {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      cwd,
      env: { ...process.env, ...env },
      stdio: inherit ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const end = (status) => resolve({ status, output, seconds: (performance.now() - began) / 1000 });
    const collect = (stream) => stream?.setEncoding('utf8').on('data', (text) => (output += text));
    collect(child.stdout);
    collect(child.stderr);
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}
