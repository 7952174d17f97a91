// Writes docs/layers.md from the layers' docstrings and caffe.proto; with --check it only says whether the page is
// current. Run it after changing a layer's docstring or parameters: node scripts/layer-docs.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}docs/layers.md`;
const schema = readFileSync(`${root}packages/proto/schema/caffe.proto`, 'utf8');
const read = (file) => readFileSync(file, 'utf8');

/** The files of all layers, as the lists of the packages name them. */
function layerFiles() {
  const lists = readdirSync(`${root}packages`).flatMap((name) =>
    ['src/list.ts', 'src/layers/list.ts'].map((path) => ({ name, file: `${root}packages/${name}/${path}` })),
  );
  return lists.flatMap(({ name, file }) => {
    let text;
    try {
      text = read(file);
    } catch {
      return [];
    }
    const imports = [...text.matchAll(/import \{ \w+Layer \} from '(\.\/[^']+)'/g)];
    return imports.map(([, path]) => ({ packageName: name, file: resolve(dirname(file), path) }));
  });
}

/** A class's docstring in Markdown, and its message in the schema. */
function describeLayer({ packageName, file }) {
  const text = read(file);
  const [, type] = /static (?:override )?readonly type = '(\w+)'/.exec(text) ?? [];
  const [, comment] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class \w+Layer\b/.exec(text) ?? [];
  if (type === undefined || comment === undefined) throw new Error(`${file} has no type or no docstring`);
  const lines = comment.split('\n').map((line) => line.replace(/^ ?\* ?/, '').trim());
  const [description, errors] = lines
    .join('\n')
    .trim()
    .split(/^@throws /m);
  const fields = ['layerParam.lossParam', 'layerParam.detectnetAugmentationParam', 'transformParam'].filter((field) =>
    sources(file).some((each) => each.includes(field)),
  );
  return {
    type,
    packageName,
    path: file.slice(root.length),
    description: description.trim().replace(/\n(?=[^\n])/g, '\n'),
    errors: errors?.replaceAll('\n', ' ').trim(),
    fields: [
      paramField(file),
      ...(fields.includes('layerParam.detectnetAugmentationParam') ? ['detectnet_augmentation_param'] : []),
      ...(fields.includes('layerParam.lossParam') ? ['loss_param'] : []),
      ...(fields.includes('transformParam') ? ['transform_param'] : []),
    ].filter(Boolean),
  };
}

/** The file's text and that of the classes it extends. */
function sources(file) {
  const text = read(file);
  const [, base] = /export (?:abstract )?class \w+(?:<.*?>)? extends (\w+)/.exec(text) ?? [];
  const [, path] = new RegExp(`import \\{[^}]*\\b${base}\\b[^}]*\\} from '(\\.[^']+)'`).exec(text) ?? [];
  return path === undefined ? [text] : [text, ...sources(resolve(dirname(file), path))];
}

/** "pooling_param", from the class or what it extends. */
function paramField(file) {
  for (const text of sources(file)) {
    const [, field] = /static (?:override )?readonly paramField = '(\w+)'/.exec(text) ?? [];
    if (field !== undefined) return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
  return undefined;
}

/** The body of a message or enum. */
function block(text, kind, name) {
  const start = new RegExp(`^ *${kind} ${name} \\{$`, 'm').exec(text);
  if (start === null) return undefined;
  let depth = 0;
  for (let i = start.index; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return text.slice(start.index + start[0].length, i);
  }
  return undefined;
}

/** The message type of a field of LayerParameter. */
function messageOf(field) {
  const [, type] =
    new RegExp(`^ *optional (\\w+) ${field} = \\d+`, 'm').exec(block(schema, 'message', 'LayerParameter')) ?? [];
  if (type === undefined) throw new Error(`LayerParameter has no ${field}`);
  return type;
}

function parameterTable(message) {
  const body = block(schema, 'message', message);
  const rows = [...body.matchAll(/^ {2}(optional|required|repeated) ([\w.]+) (\w+) = \d+(?: \[(.*?)\])?;/gm)].map(
    ([, label, type, name, options = '']) => {
      const values = block(body, 'enum', type);
      const names = values === undefined ? [] : [...values.matchAll(/^ *(\w+) = \d+;/gm)].map(([, value]) => value);
      const [, given] = /default = ([^,]+)/.exec(options) ?? [];
      const kind = names.length > 0 ? names.join(', ') : `${type}${label === 'repeated' ? ', repeated' : ''}`;
      return `| ${name} | ${kind} | ${given?.replaceAll("'", '"') ?? ''} |`;
    },
  );
  return rows.length === 0 ? [] : ['| field | values | default |', '|---|---|---|', ...rows];
}

/** Messages that several layers take: described once, at the end. */
const shared = ['loss_param', 'transform_param'];

function section({ type, packageName, path, description, errors, fields }) {
  const lines = [`## ${type}`, '', description, ''];
  if (errors !== undefined) lines.push(`Throws ${errors}`, '');
  for (const field of fields) {
    if (shared.includes(field)) lines.push(`Takes [\`${field}\`](#${field}).`, '');
    else {
      const table = parameterTable(messageOf(field));
      if (table.length > 0) lines.push(`\`${field}\`:`, '', ...table, '');
    }
  }
  lines.push(`<sub>@jacinto/${packageName}: [${basename(path)}](../${path})</sub>`, '');
  return lines;
}

export function layerPage() {
  const layers = layerFiles().map(describeLayer);
  layers.sort((a, b) => (a.type.toLowerCase() < b.type.toLowerCase() ? -1 : 1));
  const lines = [
    '# Layers',
    '',
    'Every type that a prototxt may name, what it computes, and its parameters. Made by `node scripts/layer-docs.mjs` from',
    'the docstrings of the classes and [caffe.proto](../packages/proto/schema/caffe.proto): change them, not this page.',
    '',
    layers.map(({ type }) => `[${type}](#${type.toLowerCase()})`).join(' · '),
    '',
    ...layers.flatMap(section),
  ];
  for (const field of shared.filter((each) => layers.some(({ fields }) => fields.includes(each)))) {
    lines.push(`## ${field}`, '', ...parameterTable(messageOf(field)), '');
  }
  return `${lines.join('\n').trim()}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = layerPage();
  if (process.argv.includes('--check')) {
    if (read(page) !== text) {
      console.error('docs/layers.md is not current: run node scripts/layer-docs.mjs');
      process.exitCode = 1;
    }
  } else writeFileSync(page, text);
}
