import { runOnProcess } from '../cli/run-tool.ts';
import { upgradeNetProtoTextTool } from '../cli/upgrade-proto.ts';

await runOnProcess(upgradeNetProtoTextTool);
