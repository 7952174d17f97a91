export { computeImageMeanTool } from './cli/compute-image-mean.ts';
export { convertImagesetTool } from './cli/convert-imageset.ts';
export { runTool, type Tool, type ToolContext, type World } from './cli/run-tool.ts';
export {
  upgradeNetProtoBinaryTool,
  upgradeNetProtoTextTool,
  upgradeSolverProtoTextTool,
} from './cli/upgrade-proto.ts';
export {
  type ComputeImageMeanOptions,
  computeImageMean,
  type ImageMean,
  type MeanEvent,
} from './compute-image-mean.ts';
export { type ConvertEvent, type ConvertImagesetOptions, convertImageset } from './convert-imageset.ts';
export {
  type UpgradeOutcome,
  upgradeNetProtoBinary,
  upgradeNetProtoText,
  upgradeSolverProtoText,
} from './upgrade-proto.ts';
