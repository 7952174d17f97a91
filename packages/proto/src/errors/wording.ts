/** What kind of fault it is; programs branch on it, people read the message. */
export type ErrorCode =
  | 'syntax' // text that does not parse
  | 'unknown-name' // a field, layer type, policy, filler … that does not exist
  | 'bad-value' // a field's value out of range or of the wrong kind
  | 'missing' // something required is absent: a field, a file, a blob
  | 'bad-shape' // shapes that do not fit
  | 'bad-file' // truncated, corrupt, or not what its name says
  | 'io' // the operating system refused: disk full, no permission
  | 'bad-data' // a record, image or label that cannot be used
  | 'unsupported' // legal in Caffe, not (yet) here, or not on this backend
  | 'usage' // a command called wrongly
  | 'limit' // memory or size limits
  | 'internal'; // a fault of ours

/** The facts of an error; all but `code` and `problem` are optional and are added by the level that knows them. */
export interface ErrorFacts {
  code: ErrorCode;
  /** The problem, as the rest of a sentence where `field` is given ("is 3, not smaller than the kernel (3)"). */
  problem: string;
  /** What to do about it ("use 0 to 2"). */
  fix?: string;
  /** File the fault lies in (prototxt, caffemodel, database, list). */
  file?: string;
  /** Line and column in `file`, from 1. */
  line?: number;
  column?: number;
  /** Layer instance and its type. */
  layer?: string;
  layerType?: string;
  /** Prototxt spelling of the field ("pooling_param.pad"). */
  field?: string;
  /** Record of a database or line of a list (a key or a path). */
  record?: string;
}

/** `train_val.prototxt:41: layer "pool1" (Pooling): pooling_param.pad is 3, not smaller than the kernel (3); use 0 to 2` */
export function describe(facts: ErrorFacts): string {
  const { file, line, column, layer, layerType, field, record, problem, fix } = facts;
  let place = file ?? '';
  if (line !== undefined) place += `${file === undefined ? 'line ' : ':'}${line}`;
  if (line !== undefined && column !== undefined) place += `:${column}`;
  const parts: string[] = [];
  if (place !== '') parts.push(place);
  if (layer !== undefined) parts.push(`layer "${layer}"${layerType === undefined ? '' : ` (${layerType})`}`);
  if (record !== undefined) parts.push(`record "${record}"`);
  parts.push(field === undefined ? problem : `${field} ${problem}`);
  return parts.join(': ') + (fix === undefined ? '' : `; ${fix}`);
}

/** The first sentence of what another library says: `parseArgs` goes on with advice of its own. */
export function firstSentence(error: unknown): string {
  return (error as Error).message.split(/\.\s/)[0]!;
}
