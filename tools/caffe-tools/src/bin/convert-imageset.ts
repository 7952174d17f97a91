import { convertImagesetTool } from '../cli/convert-imageset.ts';
import { runOnProcess } from '../cli/run-tool.ts';

await runOnProcess(convertImagesetTool);
