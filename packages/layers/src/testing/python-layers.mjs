import { Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';

/** y = factor·x with the factor in param_str. */
export class Multiply extends Layer {
  static type = 'Multiply';
  static paramField = 'pythonParam';

  setUp() {
    this.factor = Number(this.param.paramStr);
    if (!(this.factor > 0)) throw this.fail('param_str', `is "${this.param.paramStr}"`, 'give a number above 0');
  }

  reshape([x], [y]) {
    y.reshapeLike(x);
  }

  forward([x], [y]) {
    y.data.hostWrite().set(x.data.hostRead().map((value) => value * this.factor));
  }

  backward([y], [wanted], [x]) {
    if (wanted) x.diff.hostWrite().set(y.diff.hostRead().map((value) => value * this.factor));
  }
}

/** y = w·x with one learned w. */
export class Learned extends Layer {
  static type = 'Learned';

  setUp() {
    this.blobs.push(new Tensor(this.backend, [1]));
    this.blobs[0].data.hostWrite().fill(2);
  }

  reshape([x], [y]) {
    y.reshapeLike(x);
  }

  forward([x], [y]) {
    const [w] = this.blobs[0].data.hostRead();
    y.data.hostWrite().set(x.data.hostRead().map((value) => value * w));
  }

  backward([y], [wanted], [x]) {
    const [w] = this.blobs[0].data.hostRead();
    const [values, gradients] = [x.data.hostRead(), y.diff.hostRead()];
    if (this.needsParamGradient(0)) {
      const dw = this.blobs[0].diff.hostUpdate();
      for (const [i, value] of values.entries()) dw[0] += value * gradients[i];
    }
    if (wanted) x.diff.hostWrite().set(gradients.map((value) => value * w));
  }
}

export const notALayer = 3;
