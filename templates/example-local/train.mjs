// Trains a small neural network to tell three species of penguins apart by four measures, with five-fold
// cross-validation. Plain JavaScript, no dependency; the same seed gives the same numbers.
//   node experiments/iter1/train.mjs --out FOLDER [--epochs N] [--lr RATE] [--seed N]
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const number = (text) => ({ type: 'string', default: text });
const { values: options } = parseArgs({ options: { out: { type: 'string' }, epochs: number('600'), lr: number('0.01'), seed: number('7') } });
const [out, epochs, lr, seed] = [options.out ?? process.env.AUTOLAB_RUN_DIR, Number(options.epochs), Number(options.lr), Number(options.seed)];
if (!out) throw new Error('missing --out FOLDER');
if (!Number.isInteger(seed) || !(epochs > 0) || !(lr > 0)) throw new Error('--seed must be a whole number, --epochs and --lr numbers above 0');
const [FOLDS, HIDDEN, BATCH, MOMENTUM] = [5, 16, 16, 0.9];
const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'];

let state = seed >>> 0; // mulberry32: small, and good enough to shuffle and to begin with
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
function shuffle(list) {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
function save(name, value) { // whole or not at all: a reader never sees half a file
  writeFileSync(join(out, `.${name}.tmp`), `${JSON.stringify(value, null, 2)}\n`);
  renameSync(join(out, `.${name}.tmp`), join(out, name));
}
function scaler(rows) { // mean 0 and deviation 1, by the training rows only
  const mean = rows[0].x.map((_, k) => rows.reduce((sum, { x }) => sum + x[k], 0) / rows.length);
  const deviation = mean.map((m, k) => Math.sqrt(rows.reduce((sum, { x }) => sum + (x[k] - m) ** 2, 0) / rows.length));
  return ({ x, label }) => ({ x: x.map((value, k) => (value - mean[k]) / deviation[k]), label });
}
function layer(inputs, outputs) { // w: weights, the bias last in each row; v: their speed; g: the gradient of a batch
  const w = Float64Array.from({ length: outputs * (inputs + 1) }, () => (random() * 2 - 1) / Math.sqrt(inputs));
  return { inputs, outputs, w, v: new Float64Array(w.length), g: new Float64Array(w.length) };
}
function forward({ inputs, outputs, w }, x) {
  return Array.from({ length: outputs }, (_, o) => x.reduce((sum, value, i) => sum + w[o * (inputs + 1) + i] * value, w[o * (inputs + 1) + inputs]));
}
function backward({ inputs, w, g }, x, error) { // adds to the gradient; returns the error of the inputs
  error.forEach((e, o) => [...x, 1].forEach((value, i) => { g[o * (inputs + 1) + i] += e * value; }));
  return x.map((_, i) => error.reduce((sum, e, o) => sum + e * w[o * (inputs + 1) + i], 0));
}
function step({ w, v, g }, rows) {
  w.forEach((_, k) => { v[k] = MOMENTUM * v[k] - (lr * g[k]) / rows; w[k] += v[k]; g[k] = 0; });
}
function predict([first, second], x) {
  const hidden = forward(first, x).map(Math.tanh);
  const powers = forward(second, hidden).map(Math.exp);
  const total = powers.reduce((a, b) => a + b);
  return { hidden, p: powers.map((power) => power / total) };
}
function accuracy(net, rows) {
  return rows.filter(({ x, label }) => { const { p } = predict(net, x); return p[label] === Math.max(...p); }).length / rows.length;
}
function trainOnce(net, rows) { // one pass over the shuffled rows; returns the mean loss
  let loss = 0;
  shuffle(rows).forEach(({ x, label }, i) => {
    const { hidden, p } = predict(net, x);
    loss -= Math.log(p[label]);
    const below = backward(net[1], hidden, p.map((value, k) => value - (k === label ? 1 : 0)));
    backward(net[0], x, below.map((e, k) => e * (1 - hidden[k] ** 2)));
    if ((i + 1) % BATCH === 0 || i + 1 === rows.length) net.forEach((part) => step(part, (i % BATCH) + 1));
  });
  return loss / rows.length;
}

let checkpoint = {};
process.on('SIGTERM', () => { save('checkpoint.json', checkpoint); console.error('stopped by SIGTERM'); process.exit(143); });
const lines = readFileSync(new URL('penguins.csv', import.meta.url), 'utf8').trim().split(/\r?\n/).filter((line) => !line.startsWith('#'));
const table = lines.slice(1).map((line) => line.split(','));
const rows = shuffle(table.map(([species, , ...measures]) => ({ x: measures.map(Number), label: SPECIES.indexOf(species) })));
const folds = [];
for (let fold = 0; fold < FOLDS; fold += 1) {
  const scale = scaler(rows.filter((_, i) => i % FOLDS !== fold));
  const [train, test] = [rows.filter((_, i) => i % FOLDS !== fold), rows.filter((_, i) => i % FOLDS === fold)].map((part) => part.map(scale));
  const net = [layer(4, HIDDEN), layer(HIDDEN, SPECIES.length)];
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    const loss = trainOnce(net, train);
    if (epoch <= 10 || epoch % Math.ceil(epochs / 60) === 0 || epoch === epochs) // a line of the curves that the report draws
      appendFileSync(join(out, 'metrics.jsonl'), `${JSON.stringify({ step: epoch, [`loss_${fold + 1}`]: loss, [`accuracy_${fold + 1}`]: accuracy(net, test) })}\n`);
    checkpoint = { fold, epoch, seed, layers: net.map(({ w }) => [...w]) };
    if (epoch % Math.ceil(epochs / 4) === 0 || epoch === epochs) {
      save('checkpoint.json', checkpoint);
      console.log(`fold ${fold + 1}/${FOLDS} epoch ${epoch}/${epochs} loss ${loss.toFixed(4)} accuracy ${accuracy(net, test).toFixed(3)}`);
    }
    await breathe(); // lets SIGTERM in
  }
  folds.push(accuracy(net, test));
}
const mean = folds.reduce((a, b) => a + b) / FOLDS;
const majority = Math.max(...SPECIES.map((_, label) => rows.filter((row) => row.label === label).length)) / rows.length;
save('metrics.json', { accuracy: mean, accuracy_per_fold: folds, baseline_majority: majority, rows: rows.length, epochs, lr, seed });
console.log(`mean accuracy ${mean.toFixed(4)} (always the commonest species: ${majority.toFixed(4)})`);
