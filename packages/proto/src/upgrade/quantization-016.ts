/** What a conversion found. */
export interface Converted016 {
  /** The prototxt in 0.17's fields; line numbers are those of the original. */
  text: string;
  /** Whether anything was in 0.16's dialect (or an enum short). */
  changed: boolean;
  /** What 0.17's rules, which are used from here on, do otherwise. */
  notes: string[];
}

/** 0.16 names, by the message they stand in. */
const renamed: Record<string, Record<string, readonly string[]>> = {
  net_quantization_param: {
    power2_range: ['power2_scale_weights', 'power2_scale_activations'],
    insert_quantization_param: ['update_quantization_param'],
  },
  quantization_param: { power2_range: ['power2_scale_weights', 'power2_scale_activations'] },
  qparam_in: { scale: ['scale_target'] },
  qparam_out: { scale: ['scale_target'] },
  qparam_w: { scale: ['scale_target'] },
};

const enums: Record<string, { prefix: string; names: readonly string[] }> = {
  precision: { prefix: 'QuantizationParameter_Precision_', names: ['FLOAT', 'DYNAMIC_FIXED_POINT'] },
  rounding_scheme: { prefix: 'QuantizationParameter_Rounding_', names: ['NEAREST', 'STOCHASTIC'] },
};

const notes = [
  'range averaging: 0.16 starts anew until quantization starts (expansion 2.0), then averages with 0.1; here 0.1 and the later expansion hold from the first pass on',
  'biases are quantized too (bitwidth_bias); 0.16 left them as they were',
  'outputs are chosen by the graph, not by the order of the file; data, Bias and PReLU layers are quantized as well',
  'a qparam_out given for a layer with several tops holds for the first one only',
];

const token = /#[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|[-+.\w]+|[{}<>:;,[\]]/g;

/**
 * Turns the quantization fields of caffe-jacinto 0.16 (and short enum names, which neither version parses) into those
 * of 0.17; all else stays byte for byte. Averaging of ranges keeps 0.16's factors: range_update_factor 0.1 and
 * range_expansion_factor 1.2, or 1.0 with power2_range. Text that is not in the dialect comes back unchanged.
 */
export function convertDialect016(text: string): Converted016 {
  if (!text.includes('quantization_param')) return { text, changed: false, notes: [] };
  const tokens = [...text.matchAll(token)].filter(([found]) => !found.startsWith('#'));
  const edits: { at: number; length: number; by: string }[] = [];
  const open: { field: string; power2: boolean; old: boolean; given: Set<string> }[] = [];
  let isOld = false;
  for (let i = 0; i < tokens.length; i++) {
    const [word] = tokens[i]!;
    const at = tokens[i]!.index;
    if (word === '}' || word === '>') {
      const closed = open.pop();
      if (closed?.field === 'net_quantization_param' && closed.old) {
        edits.push({ at, length: 0, by: averaging(closed.power2, closed.given) });
      }
      continue;
    }
    if (!/^[A-Za-z_]/.test(word)) continue;
    const colon = tokens[i + 1]?.[0] === ':' ? 1 : 0;
    const value = tokens[i + 1 + colon];
    if (value === undefined) break;
    if (value[0] === '{' || value[0] === '<') {
      open.push({ field: word, power2: false, old: false, given: new Set() });
      i += 1 + colon;
      continue;
    }
    if (colon === 0) continue;
    const scope = open.at(-1);
    const fields = scope === undefined ? undefined : own(renamed, scope.field);
    if (scope === undefined || fields === undefined) continue;
    scope.given.add(word);
    const names = own(fields, word);
    const short = own(enums, word);
    if (names !== undefined) {
      const by = names.map((name) => `${name}: ${value[0]}`).join(' ');
      edits.push({ at, length: value.index + value[0].length - at, by });
      scope.old = true;
      isOld = true;
      if (word === 'power2_range') scope.power2 = /^(true|True|t|1)$/.test(value[0]);
    } else if (short?.names.includes(value[0])) edits.push({ at: value.index, length: 0, by: short.prefix });
    i += 1;
  }
  let result = text;
  for (const { at, length, by } of edits.reverse()) result = result.slice(0, at) + by + result.slice(at + length);
  return { text: result, changed: edits.length > 0, notes: isOld ? [...notes] : [] };
}

function averaging(power2: boolean, given: ReadonlySet<string>): string {
  const update = given.has('range_update_factor') ? '' : 'range_update_factor: 0.1 ';
  const expansion = given.has('range_expansion_factor') ? '' : `range_expansion_factor: ${power2 ? '1.0' : '1.2'} `;
  return ` ${update}${expansion}`;
}

const own = <T>(table: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
