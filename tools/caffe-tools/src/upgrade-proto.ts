import {
  decode,
  encode,
  type NetParameter,
  parseText,
  printText,
  type UpgradeResult,
  upgradeNet,
  upgradeSolver,
} from '@jacinto/proto';
import { readBytes, writeFileAtomic } from '@jacinto/proto/node';

/** What an upgrade tool did: what was changed, and whether all of it has a place in the new form. */
export type UpgradeOutcome = UpgradeResult;

/** Reads a net in text form, brings it to the present form, writes it. @throws CaffeError naming file and line. */
export function upgradeNetProtoText(input: string, output: string): UpgradeOutcome {
  const net = parseText('NetParameter', textOf(input), { file: input });
  const result = upgradeNet(net, { file: input });
  writeFileAtomic(output, printText('NetParameter', net));
  return result;
}

/** Reads a net in binary form (a .caffemodel), brings it to the present form, writes it. @throws CaffeError. */
export function upgradeNetProtoBinary(input: string, output: string): UpgradeOutcome {
  const net: NetParameter = decode('NetParameter', readBytes(input), { file: input });
  const result = upgradeNet(net, { file: input });
  writeFileAtomic(output, encode('NetParameter', net));
  return result;
}

/** Reads a solver in text form, brings it to the present form, writes it. @throws CaffeError naming file and line. */
export function upgradeSolverProtoText(input: string, output: string): UpgradeOutcome {
  const solver = parseText('SolverParameter', textOf(input), { file: input });
  const result = upgradeSolver(solver, { file: input });
  writeFileAtomic(output, printText('SolverParameter', solver));
  return result;
}

function textOf(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}
