import { CaffeError, fill, LossLayer, Tensor } from '@jacinto/caffe';

/**
 * Centre loss (Wen et al. 2016, "A discriminative feature learning approach for deep face recognition"): pulls each
 * item's features towards the learned centre of its class. bottom[0] features N,D…; bottom[1] labels N; top[0] a scalar:
 * loss = Σ |x_i − c_{label i}|² / (2N). Blob: centres [num_output, D].
 *
 * A layer of your own has no message in caffe.proto, so it borrows one: inner_product_param.num_output is the number of
 * classes, weight_filler fills the centres. Backward: dx_i = (x_i − c)·weight/N, dc = Σ (c − x_i)·weight/N; the
 * centres' own rate is the layer's `param { lr_mult: … }`.
 */
export default class CenterLossLayer extends LossLayer {
  static type = 'CenterLoss';
  static paramField = 'innerProductParam';

  setUp([features]) {
    const { numOutput, weightFiller } = this.param;
    if (!numOutput) throw this.fail('num_output', 'is missing', 'give the number of classes');
    const centers = new Tensor(this.backend, [numOutput, features.countRange(1)]);
    fill(centers, weightFiller, this.context.random);
    this.blobs.push(centers);
  }

  reshape(bottom, top) {
    super.reshape(bottom, top); // the same number of items on both sides; the loss is a scalar
    const [features, labels] = bottom;
    this.items = features.shape[0];
    this.length = features.countRange(1);
    if (labels.count !== this.items || this.length !== this.blobs[0].shape[1]) {
      throw this.badShape(
        `features are ${features.shapeString()}, labels ${labels.shapeString()}, centres ${this.blobs[0].shapeString()}`,
        'give one label an item, and features of the length that the centres have',
      );
    }
  }

  async forward(bottom, [top]) {
    const [features, labels, centers] = await this.read(bottom);
    this.difference ??= new Float32Array(features.length);
    if (this.difference.length !== features.length) this.difference = new Float32Array(features.length);
    let sum = 0;
    for (let n = 0; n < this.items; n++) {
      const from = this.centerOf(labels[n]);
      for (let k = 0; k < this.length; k++) {
        const difference = features[n * this.length + k] - centers[from + k];
        this.difference[n * this.length + k] = difference;
        sum += difference * difference;
      }
    }
    top.data.hostWrite()[0] = sum / (2 * this.items);
  }

  async backward([top], propagateDown, bottom) {
    const [, labels] = await this.read(bottom);
    const factor = (await top.diff.read())[0] / this.items;
    if (propagateDown[0]) {
      const dx = bottom[0].diff.hostWrite();
      this.difference.forEach((difference, i) => {
        dx[i] = difference * factor;
      });
    }
    if (!this.needsParamGradient(0)) return;
    await this.blobs[0].diff.read();
    const dCenters = this.blobs[0].diff.hostUpdate(); // gradients of blobs are added to
    for (let n = 0; n < this.items; n++) {
      const from = this.centerOf(labels[n]);
      for (let k = 0; k < this.length; k++) dCenters[from + k] -= this.difference[n * this.length + k] * factor;
    }
  }

  /** Features, labels and centres on the host, wherever the backend holds them. */
  read([features, labels]) {
    return Promise.all([features, labels, this.blobs[0]].map((tensor) => tensor.data.read()));
  }

  /** Where the centre of a class begins. */
  centerOf(label) {
    const classes = this.blobs[0].shape[0];
    if (Number.isInteger(label) && label >= 0 && label < classes) return label * this.length;
    throw new CaffeError({
      code: 'bad-data',
      problem: `label ${label} is out of range: there are ${classes} classes`,
      fix: `use 0 to ${classes - 1}`,
    });
  }
}
