/** What `quantize --help` prints. */
export const usageText = `quantize: what fixed point does to a net

usage: quantize model.prototxt weights.caffemodel [flags]

Without a source of pictures it shows the weights only. With one it runs the net twice on the same pictures, in float and
quantized, and prints for each layer the ranges, the scale and the signal-to-noise ratio, and the outputs' accuracy.
Running a net needs @jacinto/caffe installed beside this package: npm install @jacinto/quantize @jacinto/caffe

pictures (one of):
  --images folder|list   a folder (subfolders are classes), or a text file of "path label" lines
  --lmdb folder          an LMDB of Datum records
  --data                 the net's own data layer in phase TEST
  --batch N              pictures a pass (what the net says)
  --batches N            passes to compare (10)
  --mean a[,b,c]         subtracted from each channel (what the net says)
  --scale x              multiplied after it (what the net says)

fixed point (what net_quantization_param says, else the value in brackets):
  --bits N               weights and activations (12 and 8)
  --weight_bits N  --activation_bits N  --bias_bits N (16)
  --power2               scales are powers of two
  --no_offset_weights    weights without offset: zeros stay zeros
  --offset_activations   activations with offset
  --weights_by_channel   a scale for the weights of each output channel
  --range minmax|percentile|kl  how ranges of activations are taken (minmax)
  --percentile P         of the values that stay inside on each side (99.99)
  --ignore layer         leave a layer in float; may be given again
  --start N              passes that only collect ranges (1)
  --rounding gpu|cpu     ties to even, or away from zero (gpu)
  --compat caffe-jacinto-0.17   sums overwrite their first input, as there

results:
  --sweep 4,6,8,12       try these bitwidths with several options: accuracy against size
  --integers             compute the net by whole numbers too, and compare with the simulation
  --draw file.svg        ranges and signal-to-noise ratios as a picture
  --output_model dir/prefix.caffemodel   save the quantized net and its quantization_param
  --threads N            threads of the processor (one a core)
`;
