import { describe, expect, it } from 'vitest';
import { absent, textOfShared } from '../../test/materials.ts';
import { create, encode, parseText, printText, readNet, upgradeNet, V1LayerParameter } from '../index.ts';
import { v2TypeName } from './v1-layers.ts';

const read = (text: string) => parseText('NetParameter', text, { file: 'old.prototxt' });
function upgraded(text: string) {
  const net = read(text);
  const result = upgradeNet(net);
  return { ...result, text: printText('NetParameter', net) };
}
const inForm = (text: string) => printText('NetParameter', read(text));

describe('V0', () => {
  it('moves every field to its place, and padding into the layer after it', () => {
    const result = upgraded(`
      name: "old" input: "d" input_dim: [1, 3, 8, 8] force_backward: true
      layers { layer { name: "pad" type: "padding" pad: 2 } bottom: "d" top: "p" }
      layers { layer { name: "c" type: "conv" num_output: 4 kernelsize: 3 stride: 2 group: 2 biasterm: false
        weight_filler { type: "xavier" } blobs_lr: 1 blobs_lr: 2 weight_decay: 0.5 } bottom: "p" top: "c" }
      layers { layer { name: "pool" type: "pool" pool: AVE kernelsize: 3 stride: 2 pad: 1 } bottom: "c" top: "q" }
      layers { layer { name: "n" type: "lrn" local_size: 3 alpha: 2 beta: 3 k: 4 } bottom: "q" top: "n" }
      layers { layer { name: "dr" type: "dropout" dropout_ratio: 0.25 } bottom: "n" top: "n" }
      layers { layer { name: "ip" type: "innerproduct" num_output: 7 bias_filler { value: 1 } } bottom: "n" top: "ip" }
      layers { layer { name: "l" type: "softmax_loss" } bottom: "ip" bottom: "d" }`);
    expect(result).toMatchObject({ changed: true, complete: true });
    expect(result.text).toBe(
      inForm(`name: "old" force_backward: true
      layer { name: "input" type: "Input" top: "d" input_param { shape { dim: [1, 3, 8, 8] } } }
      layer { name: "c" type: "Convolution" bottom: "d" top: "c" param { lr_mult: 1 decay_mult: 0.5 } param { lr_mult: 2 }
        convolution_param { num_output: 4 bias_term: false pad: 2 kernel_size: 3 stride: 2 group: 2 weight_filler { type: "xavier" } } }
      layer { name: "pool" type: "Pooling" bottom: "c" top: "q" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }
      layer { name: "n" type: "LRN" bottom: "q" top: "n" lrn_param { local_size: 3 alpha: 2 beta: 3 k: 4 } }
      layer { name: "dr" type: "Dropout" bottom: "n" top: "n" dropout_param { dropout_ratio: 0.25 } }
      layer { name: "ip" type: "InnerProduct" bottom: "n" top: "ip" inner_product_param { num_output: 7 bias_filler { value: 1 } } }
      layer { name: "l" type: "SoftmaxWithLoss" bottom: "ip" bottom: "d" }`),
    );
  });

  it('moves the fields of data layers', () => {
    const { text } = upgraded(`
      layers { layer { name: "a" type: "data" source: "s" scale: 2 meanfile: "m" cropsize: 3 mirror: true batchsize: 4 rand_skip: 5 } top: "a" }
      layers { layer { name: "b" type: "images" source: "s" batchsize: 4 shuffle_images: true new_height: 5 new_width: 6 } top: "b" }
      layers { layer { name: "w" type: "window_data" source: "s" det_fg_threshold: 0.25 det_bg_threshold: 0.5 det_fg_fraction: 1 det_context_pad: 2 det_crop_mode: "square" } top: "w" }
      layers { layer { name: "h" type: "hdf5_data" source: "s" batchsize: 1 } top: "h" }
      layers { layer { name: "o" type: "hdf5_output" hdf5_output_param { file_name: "f" } } bottom: "h" }
      layers { layer { name: "i" type: "infogain_loss" source: "s" } bottom: "h" }
      layers { layer { name: "k" type: "concat" concat_dim: 0 } bottom: "h" top: "k" }`);
    expect(text).toBe(
      inForm(`
      layer { name: "a" type: "Data" top: "a" data_param { source: "s" batch_size: 4 rand_skip: 5 }
        transform_param { scale: 2 mean_file: "m" crop_size: 3 mirror: true } }
      layer { name: "b" type: "ImageData" top: "b" image_data_param { source: "s" batch_size: 4 shuffle: true new_height: 5 new_width: 6 } }
      layer { name: "w" type: "WindowData" top: "w" window_data_param { source: "s" fg_threshold: 0.25 bg_threshold: 0.5 fg_fraction: 1 context_pad: 2 crop_mode: "square" } }
      layer { name: "h" type: "HDF5Data" top: "h" hdf5_data_param { source: "s" batch_size: 1 } }
      layer { name: "o" type: "HDF5Output" bottom: "h" hdf5_output_param { file_name: "f" } }
      layer { name: "i" type: "InfogainLoss" bottom: "h" infogain_loss_param { source: "s" } }
      layer { name: "k" type: "Concat" bottom: "h" top: "k" concat_param { concat_dim: 0 } }`),
    );
  });

  it('notes what has no place, and goes on', () => {
    const result = upgraded(
      'debug_info: true layers { layer { name: "r" type: "relu" group: 2 } bottom: "d" top: "d" } input: "d"',
    );
    expect(result.complete).toBe(false);
    expect(result.notes).toContain('layer "r": group has no meaning for a layer of type "relu" and was dropped');
    expect(result.notes).toContain('debug_info has no meaning in a V0 net and was dropped');
  });

  it.each([
    [
      'layers { layer { name: "x"\n type: "convv" } }',
      'old.prototxt:2:2: layer "x": type "convv" is no layer type of V0; did you mean "conv"?',
    ],
    [
      'layers { layer { name: "x" type: "relu" } bottom: "q" }',
      'old.prototxt:1:43: layer "x": bottom "q" is made by no layer before it',
    ],
    [
      'input: "d" layers { layer { name: "p" type: "padding" pad: 1 } bottom: "d" top: "p" }\nlayers { layer { name: "x" type: "relu" } bottom: "p" }',
      'old.prototxt:2:1: layer "x" (relu): takes a padding layer as input, which only conv and pool can',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => upgraded(text)).toThrow(expect.objectContaining({ message }));
  });
});

describe('V1', () => {
  it('turns param, share mode, rates and decays into ParamSpecs', () => {
    const { text, changed } =
      upgraded(`layers { name: "c" type: CONVOLUTION param: "w" blob_share_mode: PERMISSIVE blobs_lr: 1 blobs_lr: 2
      weight_decay: 3 loss_weight: 4 include { phase: TEST } convolution_param { num_output: 1 } bottom: "a" top: "b" }`);
    expect(changed).toBe(true);
    expect(text).toBe(
      inForm(`layer { name: "c" type: "Convolution" bottom: "a" top: "b" loss_weight: 4 param { name: "w" share_mode: PERMISSIVE lr_mult: 1 decay_mult: 3 }
        param { lr_mult: 2 } include { phase: TEST } convolution_param { num_output: 1 } }`),
    );
  });

  it('moves old transformation fields of data layers', () => {
    const { text } = upgraded(
      'layers { name: "d" type: DATA data_param { source: "s" scale: 0.5 mean_file: "m" crop_size: 2 mirror: true } top: "d" }',
    );
    expect(text).toBe(
      inForm(
        'layer { name: "d" type: "Data" top: "d" data_param { source: "s" } transform_param { scale: 0.5 mean_file: "m" crop_size: 2 mirror: true } }',
      ),
    );
  });

  it('names all 40 types as Caffe does', () => {
    const names = Object.values(V1LayerParameter.LayerType).map(v2TypeName);
    expect(names).toEqual([
      '',
      'AbsVal',
      'Accuracy',
      'ArgMax',
      'BNLL',
      'Concat',
      'ContrastiveLoss',
      'Convolution',
      'Data',
      'Deconvolution',
      'Dropout',
      'DummyData',
      'EuclideanLoss',
      'Eltwise',
      'Exp',
      'Flatten',
      'HDF5Data',
      'HDF5Output',
      'HingeLoss',
      'Im2col',
      'ImageData',
      'InfogainLoss',
      'InnerProduct',
      'LRN',
      'MemoryData',
      'MultinomialLogisticLoss',
      'MVN',
      'Pooling',
      'Power',
      'ReLU',
      'Sigmoid',
      'SigmoidCrossEntropyLoss',
      'Silence',
      'Softmax',
      'SoftmaxWithLoss',
      'Split',
      'Slice',
      'TanH',
      'WindowData',
      'Threshold',
    ]);
  });

  it('refuses a net with both forms', () => {
    const mixed = 'layers { name: "a" type: RELU }\nlayer { name: "b" }';
    expect(() => readNet(mixed, { file: 'm.prototxt' })).toThrow(
      'm.prototxt:1:1: layers is mixed: 1 old "layers" and 1 new "layer" entries; use one of the two for all layers',
    );
  });
});

describe('inputs', () => {
  it('become one Input layer at the front, from shapes or dims', () => {
    const wanted = inForm(
      'layer { name: "input" type: "Input" top: ["a", "b"] input_param { shape { dim: [1, 2, 3, 4] } shape { dim: [5, 6, 7, 8] } } } layer { name: "x" }',
    );
    expect(upgraded('input: ["a", "b"] input_dim: [1, 2, 3, 4, 5, 6, 7, 8] layer { name: "x" }').text).toBe(wanted);
    const shapes = 'input_shape { dim: [1, 2, 3, 4] } input_shape { dim: [5, 6, 7, 8] }';
    expect(upgraded(`input: ["a", "b"] ${shapes} layer { name: "x" }`).text).toBe(wanted);
  });

  it('without shapes are stripped', () => {
    expect(upgraded('input: "a" layer { name: "x" }').text).toBe(inForm('layer { name: "x" }'));
  });

  it.each([
    [
      'input: "a"\ninput_dim: 1',
      'old.prototxt:2:1: input_dim has 1 values for 1 input(s): "a" lacks some; give four for each input',
    ],
    [
      'input: ["a", "b"] input_shape { }',
      'old.prototxt:1:19: input_shape is given 1 time(s) for 2 inputs: "b" has none; give one for each input',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => upgraded(text)).toThrow(expect.objectContaining({ message }));
  });
});

it('freezes BatchNorm statistics given three params', () => {
  const { text, notes } = upgraded(
    'layer { name: "b" type: "BatchNorm" param { lr_mult: 1 } param { name: "v" } param { } }',
  );
  expect(text).toBe(
    inForm(
      'layer { name: "b" type: "BatchNorm" param { lr_mult: 0 decay_mult: 0 } param { name: "v" lr_mult: 0 decay_mult: 0 } param { lr_mult: 0 decay_mult: 0 } }',
    ),
  );
  expect(notes).toEqual(['lr_mult and decay_mult became 0 for the statistics of 1 BatchNorm layer(s)']);
});

it('leaves a net in the present form as it is', () => {
  const net = create('NetParameter', { layer: [{ name: 'a', type: 'ReLU' }] });
  const before = encode('NetParameter', net);
  expect(upgradeNet(net)).toEqual({ changed: false, complete: true, notes: [] });
  expect(encode('NetParameter', net)).toEqual(before);
});

describe.skipIf(absent('prototxt'))('every shared net (skipped where ../shared/prototxt is absent)', () => {
  const files: { file: string; message: string; encoded?: string }[] = absent('prototxt')
    ? []
    : JSON.parse(textOfShared('prototxt/manifest.json')).files;
  it.each(files.filter((entry) => entry.message === 'NetParameter' && entry.encoded !== undefined))(
    '$file upgrades, once',
    ({ file }) => {
      const net = readNet(textOfShared(`prototxt/${file}`), { file });
      expect(net.layer.length).toBeGreaterThan(0);
      expect([net.layers.length, net.input.length]).toEqual([0, 0]);
      expect(upgradeNet(net).changed).toBe(false);
    },
  );
});
