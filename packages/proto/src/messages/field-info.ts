import type { MessageType } from './message-type.ts';

/** How a field's value is stored; the schema uses these and no others. */
export type FieldKind =
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float'
  | 'double'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'enum'
  | 'message';

export const FIELD_KINDS: readonly FieldKind[] = [
  'int32',
  'uint32',
  'int64',
  'float',
  'double',
  'bool',
  'string',
  'bytes',
  'enum',
  'message',
];

/** One field of a message type, as the schema declares it. */
export interface FieldInfo {
  /** Prototxt spelling: `kernel_size`. */
  readonly name: string;
  /** Property of the message object: `kernelSize`. */
  readonly camelName: string;
  readonly number: number;
  readonly label: 'optional' | 'repeated';
  /** Whether the message is refused without it (proto2 `required`: two fields of the schema). */
  readonly required: boolean;
  readonly kind: FieldKind;
  /** `float`, or the name of the enum or message inside package caffe: `PoolingParameter.PoolMethod`. */
  readonly typeName: string;
  readonly packed: boolean;
  /** The schema's explicit default (float defaults rounded to float, as Caffe holds them), else undefined. */
  readonly default: number | string | boolean | undefined;
  /** Names to numbers, for enums. */
  readonly enumValues: Readonly<Record<string, number>> | undefined;
  /** Numbers to names, for enums. */
  readonly enumNames: ReadonlyMap<number, string> | undefined;
  /** The type of a message field. */
  readonly message: MessageType | undefined;
}
