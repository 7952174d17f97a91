import { computeImageMeanTool } from '../cli/compute-image-mean.ts';
import { runOnProcess } from '../cli/run-tool.ts';

await runOnProcess(computeImageMeanTool);
