import { utf8Bytes } from '../binary/utf8.ts';
import type { Messages } from '../generated/messages.ts';
import type { FieldInfo } from '../messages/field-info.ts';
import { createAny, type DeepPartial, presentFields } from '../messages/message.ts';
import { type AnyMessage, isMessageOf, messageType } from '../messages/message-type.ts';
import { doubleText, floatText } from './number-text.ts';
import { quoted } from './string-literal.ts';

/**
 * The text form (prototxt) of a message as protobuf's C++ TextFormat prints it: fields in number order, two spaces of
 * indent, enums by name. Fields that the schema does not know are left out, for no reader takes them back from text.
 */
export function printText<K extends keyof Messages>(type: K, message: Messages[K] | DeepPartial<Messages[K]>): string {
  const schemaType = messageType(type);
  const lines: string[] = [];
  printFields(isMessageOf(schemaType, message) ? message : createAny(schemaType, message as AnyMessage), '', lines);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function printFields(message: object, indent: string, lines: string[]): void {
  for (const [field, value] of presentFields(message)) {
    const list = field.label === 'repeated' ? (value as ArrayLike<unknown>) : [value];
    for (let i = 0; i < list.length; i++) printField(field, list[i], indent, lines);
  }
}

function printField(field: FieldInfo, value: unknown, indent: string, lines: string[]): void {
  if (field.kind !== 'message') {
    lines.push(`${indent}${field.name}: ${valueText(field, value)}`);
    return;
  }
  lines.push(`${indent}${field.name} {`);
  const type = field.message!;
  const message = isMessageOf(type, value) ? value : createAny(type, value as AnyMessage);
  printFields(message, `${indent}  `, lines);
  lines.push(`${indent}}`);
}

/** One value as text: `0.5`, `"data"`, `MAX`. */
export function valueText(field: FieldInfo, value: unknown): string {
  switch (field.kind) {
    case 'float':
      return floatText(value as number);
    case 'double':
      return doubleText(value as number);
    case 'string':
      return quoted(utf8Bytes(value as string));
    case 'bytes':
      return quoted(value as Uint8Array);
    case 'enum':
      return field.enumNames!.get(value as number) ?? String(value);
    default:
      return String(value);
  }
}
