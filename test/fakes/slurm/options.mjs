// Options as getopt_long takes them: `--name=value`, `--name value`, `-n value`, `-nvalue`, and words after `--`.
import { Misuse } from './misuse.mjs';

/** `table`: option → { key, value: whether it takes one }. `stopAtOperand`: what follows the first operand is not ours. */
export function parseOptions(command, table, words, { stopAtOperand = false } = {}) {
  const values = {};
  const operands = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === '--' || (stopAtOperand && !word.startsWith('-'))) {
      operands.push(...words.slice(word === '--' ? index + 1 : index));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const [name, inline] = split(word);
    if (!Object.hasOwn(table, name)) throw new Misuse(`${command}: the option ${name} is not known to this stand-in`);
    const { key, value } = table[name];
    if (!value) {
      if (inline !== null) throw new Misuse(`${command}: ${name} takes no value`);
      values[key] = true;
      continue;
    }
    if (inline === null) index += 1;
    const given = inline ?? words[index];
    if (given === undefined) throw new Misuse(`${command}: ${name} needs a value`);
    values[key] = given;
  }
  return { values, operands };
}

function split(word) {
  if (!word.startsWith('--')) return [word.slice(0, 2), word.length > 2 ? word.slice(2) : null];
  const at = word.indexOf('=');
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

/** `flags`, `valued`: `{'-h': 'noheader', '--noheader': 'noheader'}`. */
export function optionTable(flags, valued) {
  return Object.fromEntries([
    ...Object.entries(flags).map(([name, key]) => [name, { key, value: false }]),
    ...Object.entries(valued).map(([name, key]) => [name, { key, value: true }]),
  ]);
}
