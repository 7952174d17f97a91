import {
  type UpgradeOutcome,
  upgradeNetProtoBinary,
  upgradeNetProtoText,
  upgradeSolverProtoText,
} from '../upgrade-proto.ts';
import type { Tool } from './run-tool.ts';

const noFlags = {} as const;

function upgradeTool(
  name: string,
  what: string,
  upgrade: (input: string, output: string) => UpgradeOutcome,
): Tool<typeof noFlags> {
  return {
    name,
    usage: `Bring a ${what} of an older Caffe to the present form.\nUsage:\n    ${name} INPUT_FILE OUTPUT_FILE`,
    flags: noFlags,
    files: [2, 2],
    run({ files: [input, output], log }) {
      const { changed, complete, notes } = upgrade(input!, output!);
      for (const note of notes) log.info(`${name}.cpp:34`, note);
      if (!changed && complete) log.error(`${name}.cpp:39`, `File already in latest proto format: ${input}`);
      if (!complete) {
        log.error(`${name}.cpp:35`, 'Encountered error(s) while upgrading prototxt; see details above.');
      }
      log.info(`${name}.cpp:44`, `Wrote upgraded ${what} to ${output}`);
      return complete ? 0 : 1;
    },
  };
}

/** The command upgrade_net_proto_text. */
export const upgradeNetProtoTextTool = upgradeTool(
  'upgrade_net_proto_text',
  'NetParameter text proto',
  upgradeNetProtoText,
);

/** The command upgrade_net_proto_binary. */
export const upgradeNetProtoBinaryTool = upgradeTool(
  'upgrade_net_proto_binary',
  'NetParameter binary proto',
  upgradeNetProtoBinary,
);

/** The command upgrade_solver_proto_text. */
export const upgradeSolverProtoTextTool = upgradeTool(
  'upgrade_solver_proto_text',
  'SolverParameter text proto',
  upgradeSolverProtoText,
);
