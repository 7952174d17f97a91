import { runOnProcess } from '../cli/run-tool.ts';
import { upgradeSolverProtoTextTool } from '../cli/upgrade-proto.ts';

await runOnProcess(upgradeSolverProtoTextTool);
