/** A net of all layers that have an integer form. */
export const everyLayer = `quantize: true
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 4 dim: 7 dim: 6 } } }
layer { name: "bias" type: "Bias" bottom: "x" top: "b" }
layer { name: "c1" type: "Convolution" bottom: "b" top: "c1" convolution_param { num_output: 6 kernel_size: 3 pad: 1 group: 2 weight_filler { type: "xavier" } bias_filler { type: "gaussian" std: 0.3 } } }
layer { name: "bn" type: "BatchNorm" bottom: "c1" top: "c1" batch_norm_param { scale_bias: true } }
layer { name: "r1" type: "ReLU" bottom: "c1" top: "c1" relu_param { negative_slope: 0.1 } }
layer { name: "c2" type: "Convolution" bottom: "c1" top: "c2" convolution_param { num_output: 6 kernel_size: 3 pad: 2 dilation: 2 weight_filler { type: "xavier" } } }
layer { name: "p2" type: "PReLU" bottom: "c2" top: "c2" prelu_param { filler { type: "constant" value: 0.317 } } }
layer { name: "max" type: "Eltwise" bottom: "c1" bottom: "c2" top: "max" eltwise_param { operation: MAX } }
layer { name: "sum" type: "Eltwise" bottom: "max" bottom: "c2" top: "sum" eltwise_param { coeff: 0.5 coeff: -2 } }
layer { name: "ave" type: "Pooling" bottom: "sum" top: "ave" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "mp" type: "Pooling" bottom: "sum" top: "mp" pooling_param { pool: MAX kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "cat" type: "Concat" bottom: "ave" bottom: "mp" top: "cat" }
layer { name: "sl" type: "Slice" bottom: "cat" top: "s0" top: "s1" slice_param { slice_point: 5 } }
layer { name: "up" type: "Deconvolution" bottom: "s1" top: "up" convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 weight_filler { type: "xavier" } } }
layer { name: "scale" type: "Scale" bottom: "up" top: "scaled" scale_param { filler { type: "constant" value: -1.5 } bias_term: true } }
layer { name: "flat" type: "Flatten" bottom: "scaled" top: "flat" }
layer { name: "fc" type: "InnerProduct" bottom: "flat" top: "fc" inner_product_param { num_output: 5 weight_filler { type: "xavier" } } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }`;
