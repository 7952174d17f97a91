import type { EltwiseOperation, EltwiseSpec } from '../operations/index.ts';
import { read, write } from './floats.ts';

export function eltwise({ method, count, inputs, coefficients }: EltwiseSpec): EltwiseOperation {
  const coefficient = (input: number): number => coefficients?.[input] ?? 1;

  /** The index of the largest of the inputs' values: the first wins only when strictly greater than the second. */
  function winner(values: readonly number[]): number {
    let best = values[0]! > values[1]! ? 0 : 1;
    for (let k = 2; k < inputs; k++) if (values[k]! > values[best]!) best = k;
    return best;
  }

  return {
    forward(xsValues, yValues, maskValues) {
      const xs = xsValues.map(read);
      const y = write(yValues);
      const mask = method === 'max' && maskValues !== undefined ? write(maskValues) : undefined;
      for (let i = 0; i < count; i++) {
        const values = xs.map((x) => x[i]!);
        if (method === 'sum') y[i] = values.reduce((sum, value, k) => sum + coefficient(k) * value, 0);
        else if (method === 'product') y[i] = values.reduce((product, value) => product * value, 1);
        else {
          const best = winner(values);
          y[i] = values[best]!;
          if (mask !== undefined) mask[i] = best;
        }
      }
    },
    backward(index, xsValues, _y, dyValues, dxValues, maskValues) {
      const dy = read(dyValues);
      const xs = method === 'product' ? xsValues.map(read) : [];
      const mask = method === 'max' ? read(maskValues!) : undefined;
      const dx = write(dxValues);
      for (let i = 0; i < count; i++) {
        if (method === 'sum') dx[i] = dy[i]! * coefficient(index);
        else if (mask !== undefined) dx[i] = mask[i] === index ? dy[i]! : 0;
        else {
          let product = dy[i]!;
          for (let k = 0; k < inputs; k++) if (k !== index) product *= xs[k]![i]!;
          dx[i] = product;
        }
      }
    },
  };
}
