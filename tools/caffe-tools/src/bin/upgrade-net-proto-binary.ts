import { runOnProcess } from '../cli/run-tool.ts';
import { upgradeNetProtoBinaryTool } from '../cli/upgrade-proto.ts';

await runOnProcess(upgradeNetProtoBinaryTool);
