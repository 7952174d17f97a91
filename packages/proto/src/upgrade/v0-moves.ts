/** Where a V0 field goes: for every type ('*') or by V0 type, as the path of property names in the V1 layer. */
type Move = Readonly<Record<string, string>>;

const weights = (field: string): Move => ({
  conv: `convolutionParam.${field}`,
  innerproduct: `innerProductParam.${field}`,
});
const convOrPool = (field: string): Move => ({ conv: `convolutionParam.${field}`, pool: `poolingParam.${field}` });
const every = (path: string): Move => ({ '*': path });
const lrn = (field: string): Move => ({ lrn: `lrnParam.${field}` });
const images = (field: string): Move => ({ images: `imageDataParam.${field}` });
const windows = (field: string): Move => ({ window_data: `windowDataParam.${field}` });

const moves: Readonly<Record<string, Move>> = {
  name: every('name'),
  blobs: every('blobs'),
  blobsLr: every('blobsLr'),
  weightDecay: every('weightDecay'),
  numOutput: weights('numOutput'),
  biasterm: weights('biasTerm'),
  weightFiller: weights('weightFiller'),
  biasFiller: weights('biasFiller'),
  pad: convOrPool('pad'),
  kernelsize: convOrPool('kernelSize'),
  stride: convOrPool('stride'),
  group: { conv: 'convolutionParam.group' },
  pool: { pool: 'poolingParam.pool' },
  dropoutRatio: { dropout: 'dropoutParam.dropoutRatio' },
  localSize: lrn('localSize'),
  alpha: lrn('alpha'),
  beta: lrn('beta'),
  k: lrn('k'),
  source: {
    data: 'dataParam.source',
    hdf5_data: 'hdf5DataParam.source',
    images: 'imageDataParam.source',
    window_data: 'windowDataParam.source',
    infogain_loss: 'infogainLossParam.source',
  },
  scale: every('transformParam.scale'),
  meanfile: every('transformParam.meanFile'),
  cropsize: every('transformParam.cropSize'),
  mirror: every('transformParam.mirror'),
  batchsize: {
    data: 'dataParam.batchSize',
    hdf5_data: 'hdf5DataParam.batchSize',
    images: 'imageDataParam.batchSize',
    window_data: 'windowDataParam.batchSize',
  },
  randSkip: { data: 'dataParam.randSkip', images: 'imageDataParam.randSkip' },
  shuffleImages: images('shuffle'),
  newHeight: images('newHeight'),
  newWidth: images('newWidth'),
  concatDim: { concat: 'concatParam.concatDim' },
  detFgThreshold: windows('fgThreshold'),
  detBgThreshold: windows('bgThreshold'),
  detFgFraction: windows('fgFraction'),
  detContextPad: windows('contextPad'),
  detCropMode: windows('cropMode'),
  hdf5OutputParam: { hdf5_output: 'hdf5OutputParam' },
};

/** The path of a V0 layer's field in the V1 layer, or undefined where a layer of this type has no such field. */
export function v0Moves(field: string, type: string): string[] | undefined {
  const move = Object.hasOwn(moves, field) ? moves[field]! : {};
  const path = move['*'] ?? (Object.hasOwn(move, type) ? move[type] : undefined);
  return path?.split('.');
}
