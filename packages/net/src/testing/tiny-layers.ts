import { Tensor } from '@jacinto/core-tensor';
import type { InnerProductParameter, InputParameter } from '@jacinto/proto';
import { fill } from '../fillers/fillers.ts';
import { type Arity, Layer, type LayerClass } from '../layer.ts';

// The least layers with which nets can be built and trained in tests of packages that know no other layer.

/** Tops of given shapes, written from outside (Caffe: Input). */
class TinyInput extends Layer<InputParameter> {
  static override readonly type = 'Input';
  static override readonly paramField = 'inputParam';

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { min: 1 };
  }

  override setUp(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    top.forEach((tensor, i) => {
      tensor.reshape((this.param.shape[i] ?? this.param.shape[0])?.dim ?? []);
    });
  }

  reshape(): void {}

  forward(): void {}
}

/** Copies of the bottom; the gradients are summed (Caffe: Split). */
class TinySplit extends Layer {
  static override readonly type = 'Split';

  override topArity(): Arity {
    return { min: 1 };
  }

  reshape([bottom]: readonly Tensor[], top: readonly Tensor[]): void {
    for (const tensor of top) {
      tensor.reshapeLike(bottom!);
      tensor.shareData(bottom!);
    }
  }

  forward([bottom]: readonly Tensor[], top: readonly Tensor[]): void {
    for (const tensor of top) tensor.shareData(bottom!);
  }

  override backward(top: readonly Tensor[], _wanted: readonly boolean[], [bottom]: readonly Tensor[]): void {
    const dx = bottom!.diff.hostWrite<Float32Array>();
    const gradients = top.map(({ diff }) => diff.hostRead<Float32Array>());
    for (let i = 0; i < dx.length; i++) dx[i] = gradients.reduce((sum, list) => sum + list[i]!, 0);
  }
}

/** Swallows its bottoms (Caffe: Silence). */
class TinySilence extends Layer {
  static override readonly type = 'Silence';

  override bottomArity(): Arity {
    return { min: 1 };
  }

  override topArity(): Arity {
    return { exact: 0 };
  }

  reshape(): void {}

  forward(): void {}

  override backward(_top: readonly Tensor[], wanted: readonly boolean[], bottom: readonly Tensor[]): void {
    bottom.forEach(({ diff }, i) => {
      if (wanted[i]) diff.hostWrite().fill(0);
    });
  }
}

/** y = x·Wᵀ + b of x N,K; W num_output,K; b num_output (Caffe: InnerProduct). */
class TinyInnerProduct extends Layer<InnerProductParameter> {
  static override readonly type = 'InnerProduct';
  static override readonly paramField = 'innerProductParam';

  override setUp([bottom]: readonly Tensor[]): void {
    const { numOutput, biasTerm, weightFiller, biasFiller } = this.param;
    if (!numOutput) throw this.fail('num_output', `is ${numOutput ?? 'missing'}`, 'use 1 or more');
    this.blobs.push(new Tensor(this.backend, [numOutput, bottom!.countRange(1)]));
    fill(this.blobs[0]!, weightFiller, this.context.random);
    if (!biasTerm) return;
    this.blobs.push(new Tensor(this.backend, [numOutput]));
    fill(this.blobs[1]!, biasFiller, this.context.random);
  }

  reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    const inputs = this.blobs[0]!.dim(1);
    if (bottom!.countRange(1) !== inputs) {
      throw this.badShape(`bottom has ${bottom!.countRange(1)} values an item, the weights need ${inputs}`);
    }
    top!.reshape([bottom!.dim(0), this.blobs[0]!.dim(0)]);
  }

  forward([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    const [outputs, inputs] = this.blobs[0]!.shape as [number, number];
    const [x, w] = [bottom!.data.hostRead(), this.blobs[0]!.data.hostRead()];
    const b = this.blobs[1]?.data.hostRead();
    const y = top!.data.hostWrite<Float32Array>();
    for (let i = 0; i < y.length; i++) {
      const [n, o] = [Math.floor(i / outputs), i % outputs];
      let sum = b?.[o] ?? 0;
      for (let k = 0; k < inputs; k++) sum += x[n * inputs + k]! * w[o * inputs + k]!;
      y[i] = sum;
    }
  }

  override backward([top]: readonly Tensor[], [wanted]: readonly boolean[], [bottom]: readonly Tensor[]): void {
    const [outputs, inputs] = this.blobs[0]!.shape as [number, number];
    const [x, w, dy] = [bottom!.data.hostRead(), this.blobs[0]!.data.hostRead(), top!.diff.hostRead()];
    const dw = this.needsParamGradient(0) ? this.blobs[0]!.diff.hostUpdate() : undefined;
    const db = this.needsParamGradient(1) ? this.blobs[1]?.diff.hostUpdate() : undefined;
    const dx = wanted ? bottom!.diff.hostWrite().fill(0) : undefined;
    for (let i = 0; i < dy.length; i++) {
      const [n, o] = [Math.floor(i / outputs), i % outputs];
      if (db) db[o]! += dy[i]!;
      for (let k = 0; k < inputs; k++) {
        if (dw) dw[o * inputs + k]! += dy[i]! * x[n * inputs + k]!;
        if (dx) dx[n * inputs + k]! += dy[i]! * w[o * inputs + k]!;
      }
    }
  }
}

/** max(x, 0); may work in place (Caffe: ReLU). */
class TinyReLU extends Layer {
  static override readonly type = 'ReLU';

  reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    top!.reshapeLike(bottom!);
  }

  forward([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    const x = bottom!.data.hostRead();
    const y = top!.data.hostWrite<Float32Array>();
    for (let i = 0; i < y.length; i++) y[i] = Math.max(x[i]!, 0);
  }

  override backward([top]: readonly Tensor[], [wanted]: readonly boolean[], [bottom]: readonly Tensor[]): void {
    if (!wanted) return;
    const [y, dy] = [top!.data.hostRead(), top!.diff.hostRead()];
    const dx = bottom!.diff.hostWrite<Float32Array>();
    for (let i = 0; i < dx.length; i++) dx[i] = y[i]! > 0 ? dy[i]! : 0;
  }
}

/** Σ (a−b)² / (2N) (Caffe: EuclideanLoss). */
class TinyEuclideanLoss extends Layer {
  static override readonly type = 'EuclideanLoss';

  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override autoTopBlobs(): boolean {
    return true;
  }

  override defaultLossWeight(index: number): number {
    return index === 0 ? 1 : 0;
  }

  reshape([a, b]: readonly Tensor[], [top]: readonly Tensor[]): void {
    if (a!.count !== b!.count) throw this.badShape(`bottoms hold ${a!.count} and ${b!.count} values`);
    top!.reshape([]);
  }

  forward([a, b]: readonly Tensor[], [top]: readonly Tensor[]): void {
    const [x, t] = [a!.data.hostRead(), b!.data.hostRead()];
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i]! - t[i]!) ** 2;
    top!.data.hostWrite()[0] = sum / (2 * a!.dim(0));
  }

  override backward([top]: readonly Tensor[], wanted: readonly boolean[], bottom: readonly Tensor[]): void {
    const [x, t] = bottom.map(({ data }) => data.hostRead<Float32Array>()) as [Float32Array, Float32Array];
    const factor = top!.diff.hostRead()[0]! / bottom[0]!.dim(0);
    wanted.forEach((each, i) => {
      if (!each) return;
      const dx = bottom[i]!.diff.hostWrite<Float32Array>();
      for (let k = 0; k < dx.length; k++) dx[k] = factor * (x[k]! - t[k]!) * (i === 0 ? 1 : -1);
    });
  }
}

/** Input, Split, Silence, InnerProduct, ReLU, EuclideanLoss as plain loops, under their prototxt names. */
export const tinyLayers: readonly LayerClass[] = [
  TinyInput,
  TinySplit,
  TinySilence,
  TinyInnerProduct,
  TinyReLU,
  TinyEuclideanLoss,
];
