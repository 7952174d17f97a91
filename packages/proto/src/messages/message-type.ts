import protobuf from 'protobufjs/light.js';
import { CaffeError } from '../errors/index.ts';
import { unknownName } from '../errors/suggest.ts';
import { schema } from '../generated/schema.ts';
import { FIELD_KINDS, type FieldInfo, type FieldKind } from './field-info.ts';
import { makePrototype } from './prototype.ts';

/** Any message object, seen as its properties. */
export type AnyMessage = Record<string, unknown>;

/** A message type of the schema: its fields in number order, and the class of its objects. */
export class MessageType {
  readonly name: string;
  readonly fields: FieldInfo[] = [];
  readonly byNumber: (FieldInfo | undefined)[] = [];
  readonly byName = new Map<string, FieldInfo>();
  readonly byCamelName = new Map<string, FieldInfo>();
  /** Makes an empty message. */
  construct: new () => AnyMessage = Object as never;

  constructor(name: string) {
    this.name = name;
  }
}

const types = new Map<string, MessageType>();
/** The type of a message class's objects, on the prototype. */
const TYPE = Symbol('caffe message type');

const nameInCaffe = (fullName: string): string => fullName.replace(/^\.?caffe\./, '');
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function fieldInfo(field: protobuf.Field): FieldInfo {
  const { resolvedType } = field;
  const isEnum = resolvedType instanceof protobuf.Enum;
  const kind = (isEnum ? 'enum' : resolvedType ? 'message' : field.type) as FieldKind;
  if (!FIELD_KINDS.includes(kind)) throw new Error(`the schema's field type ${kind} has no reader`);
  const enumValues = isEnum ? resolvedType.values : undefined;
  const declared: unknown = field.options?.['default'];
  const value = isEnum && typeof declared === 'string' ? enumValues![declared] : declared;
  return {
    name: field.name,
    camelName: camel(field.name),
    number: field.id,
    label: field.repeated ? 'repeated' : 'optional',
    required: field.required,
    kind,
    typeName: resolvedType ? nameInCaffe(resolvedType.fullName) : field.type,
    packed: field.options?.['packed'] === true,
    default: (kind === 'float' ? floatDefault(value) : value) as FieldInfo['default'],
    enumValues,
    enumNames: enumValues && new Map(Object.entries(enumValues).map(([name, number]) => [number, name])),
    message: kind === 'message' ? types.get(nameInCaffe(resolvedType!.fullName)) : undefined,
  };
}

const floatDefault = (value: unknown): number | undefined =>
  value === undefined ? undefined : Math.fround(value as number);

function collect(namespace: protobuf.NamespaceBase, into: protobuf.Type[]): protobuf.Type[] {
  for (const nested of namespace.nestedArray) {
    if (!(nested instanceof protobuf.Type)) continue;
    into.push(nested);
    collect(nested, into);
  }
  return into;
}

const root = protobuf.Root.fromJSON(schema as unknown as protobuf.INamespace).resolveAll();
const declared = collect(root.lookup('caffe') as protobuf.Namespace, []);
for (const type of declared) {
  const name = nameInCaffe(type.fullName);
  types.set(name, new MessageType(name));
}
for (const type of declared) {
  const message = types.get(nameInCaffe(type.fullName))!;
  for (const field of [...type.fieldsArray].sort((a, b) => a.id - b.id)) {
    const info = fieldInfo(field);
    message.fields.push(info);
    message.byNumber[info.number] = info;
    message.byName.set(info.name, info);
    message.byCamelName.set(info.camelName, info);
  }
  message.construct = makePrototype(message.name, message.fields, TYPE, message);
}

/** The type called `name` in package caffe. @throws CaffeError 'unknown-name' naming the nearest one. */
export function messageType(name: string): MessageType {
  const type = types.get(name);
  if (type === undefined) throw unknownName('message type', name, [...types.keys()]);
  return type;
}

/** The type of a message object. @throws CaffeError where `message` was not made by this package. */
export function typeOf(message: object): MessageType {
  const type = (message as { [TYPE]?: MessageType })[TYPE];
  if (type !== undefined) return type;
  throw new CaffeError({
    code: 'bad-value',
    problem: 'this object is not a message of caffe.proto',
    fix: "make it with create('<type>', { … })",
  });
}

/** Whether `value` is a message object of `type`. */
export function isMessageOf(type: MessageType, value: unknown): value is AnyMessage {
  return typeof value === 'object' && value !== null && (value as { [TYPE]?: MessageType })[TYPE] === type;
}
