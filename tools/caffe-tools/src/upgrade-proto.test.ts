import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode, parseText } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { upgradeNetProtoBinaryTool, upgradeNetProtoTextTool, upgradeSolverProtoTextTool } from './cli/upgrade-proto.ts';
import { called } from './testing/called.ts';
import { temporaryFolder } from './testing/shared.ts';

const folder = temporaryFolder();
const file = (name: string, content?: string | Uint8Array): string => {
  if (content !== undefined) writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const old =
  'name: "old" layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 3 } }';

it('upgrade_net_proto_text', async () => {
  const { code, lines } = await called(upgradeNetProtoTextTool, file('old.prototxt', old), file('new.prototxt'));
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe(
    `I upgrade_net_proto_text.cpp:44] Wrote upgraded NetParameter text proto to ${folder}/new.prototxt`,
  );
  const net = parseText('NetParameter', readFileSync(file('new.prototxt'), 'utf8'));
  expect(net.layers).toEqual([]);
  expect(net.layer[0]).toMatchObject({ name: 'conv', type: 'Convolution', bottom: ['data'], top: ['conv'] });
  const again = await called(upgradeNetProtoTextTool, file('new.prototxt'), file('again.prototxt'));
  expect(again.code).toBe(0);
  expect(again.lines[0]).toBe(
    `E upgrade_net_proto_text.cpp:39] File already in latest proto format: ${folder}/new.prototxt`,
  );
  expect(readFileSync(file('again.prototxt'), 'utf8')).toBe(readFileSync(file('new.prototxt'), 'utf8'));
});

it('upgrade_net_proto_binary keeps weights', async () => {
  const net = parseText(
    'NetParameter',
    old.replace('top: "conv"', 'top: "conv" blobs { num: 1 channels: 1 height: 1 width: 2 data: 0.5 data: -2 }'),
  );
  const input = file('old.caffemodel', encode('NetParameter', net));
  const { code } = await called(upgradeNetProtoBinaryTool, input, file('new.caffemodel'));
  expect(code).toBe(0);
  const upgraded = decode('NetParameter', readFileSync(file('new.caffemodel')));
  expect(upgraded.layer[0]!.type).toBe('Convolution');
  expect([...upgraded.layer[0]!.blobs[0]!.data]).toEqual([0.5, -2]);
});

it('upgrade_solver_proto_text', async () => {
  const input = file('old_solver.prototxt', 'net: "n.prototxt" base_lr: 0.1 solver_type: ADAM');
  const { code, lines } = await called(upgradeSolverProtoTextTool, input, file('new_solver.prototxt'));
  expect([code, lines.at(-1)]).toEqual([
    0,
    `I upgrade_solver_proto_text.cpp:44] Wrote upgraded SolverParameter text proto to ${folder}/new_solver.prototxt`,
  ]);
  const text = readFileSync(file('new_solver.prototxt'), 'utf8');
  expect(text).toContain('type: "Adam"');
  expect(text).not.toContain('solver_type');
});

it('bad input is one error, exit code 1, and nothing is written', async () => {
  const input = file('bad.prototxt', 'name: "x"\nlayer {\n  nmae: "conv"\n}\n');
  const { code, lines } = await called(upgradeNetProtoTextTool, input, file('bad_out.prototxt'));
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringContaining(`E upgrade_net_proto_text.cpp:0] ${input}:3`)]);
  expect(lines[0]).toContain('name');
  expect(existsSync(file('bad_out.prototxt'))).toBe(false);
  const missing = await called(upgradeSolverProtoTextTool, file('none.prototxt'), file('out.prototxt'));
  expect([missing.code, missing.lines[0]]).toEqual([1, expect.stringContaining('none.prototxt: does not exist')]);
  const usage = await called(upgradeNetProtoBinaryTool, input);
  expect([usage.code, usage.stdout]).toEqual([
    1,
    expect.stringContaining('upgrade_net_proto_binary INPUT_FILE OUTPUT_FILE'),
  ]);
});
