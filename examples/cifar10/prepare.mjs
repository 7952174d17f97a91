import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

// Unpacks CIFAR-10's pictures, writes shuffled list files, and makes the databases with convert_imageset.

const usage = `usage: node examples/cifar10/prepare.mjs TRAIN.zip TEST.zip [--out FOLDER]

  The zips hold train/<class>/<nnnn>.jpg and test/<class>/<nnnn>.jpg. Labels are the classes in alphabetical order.
  FOLDER (default out/cifar10) gets the pictures, train.txt, test.txt, labels.txt, train_lmdb and test_lmdb.
`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const args = process.argv.slice(2);
const flag = args.indexOf('--out');
const out = flag < 0 ? join(root, 'out', 'cifar10') : args.splice(flag, 2)[1];
if (args.length !== 2 || out === undefined) {
  process.stderr.write(usage);
  process.exit(1);
}
mkdirSync(out, { recursive: true });
const labels = new Map();
for (const [part, zip] of [
  ['train', args[0]],
  ['test', args[1]],
]) {
  const names = unpack(part, zip);
  for (const name of classesOf(names)) if (!labels.has(name)) labels.set(name, labels.size);
  writeList(part, names);
  convert(part);
}
writeFileSync(join(out, 'labels.txt'), [...labels.keys()].map((name) => `${name}\n`).join(''));

/** Writes the pictures and gives their names, `<class>/<nnnn>.jpg`, in alphabetical order. */
function unpack(part, zip) {
  if (!existsSync(zip)) fail(`${zip}: there is no such file`);
  process.stdout.write(`unpacking ${zip}\n`);
  const isPicture = ({ name }) => name.startsWith(`${part}/`) && /\.(jpe?g|png)$/i.test(name);
  const pictures = Object.entries(unzipSync(readFileSync(zip), { filter: isPicture }));
  if (pictures.length === 0) fail(`${zip} holds no picture under ${part}/`);
  for (const [name, bytes] of pictures) {
    mkdirSync(join(out, dirname(name)), { recursive: true });
    writeFileSync(join(out, name), bytes);
  }
  return pictures.map(([name]) => name.slice(part.length + 1)).sort();
}

function classesOf(names) {
  return [...new Set(names.map((name) => dirname(name)))].sort();
}

/** A list file in an order shuffled with a fixed seed, so that everybody trains on the same sequence. */
function writeList(part, names) {
  const order = [...names];
  let state = 33;
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  writeFileSync(join(out, `${part}.txt`), order.map((name) => `${name} ${labels.get(dirname(name))}\n`).join(''));
}

function convert(part) {
  const database = join(out, `${part}_lmdb`);
  rmSync(database, { recursive: true, force: true });
  const tools = join(root, 'node_modules', '@jacinto', 'caffe-tools');
  const command = join(tools, JSON.parse(readFileSync(join(tools, 'package.json'), 'utf8')).bin.convert_imageset);
  if (!existsSync(command)) fail('convert_imageset is not built; run: npm run build');
  const { status } = spawnSync(process.execPath, [command, `${join(out, part)}/`, join(out, `${part}.txt`), database], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
