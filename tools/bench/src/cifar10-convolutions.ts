/** A convolution of JacintoNet11 at CIFAR-10's strides (1, 1, 2, 1, 2): square maps of `size`, padded to keep it. */
export interface ConvolutionShape {
  name: string;
  input: number;
  output: number;
  kernel: number;
  group: number;
  size: number;
}

export const convolutions: readonly ConvolutionShape[] = [
  { name: 'conv1a', input: 3, output: 32, kernel: 5, group: 1, size: 32 },
  { name: 'conv1b', input: 32, output: 32, kernel: 3, group: 4, size: 32 },
  { name: 'res2a_branch2a', input: 32, output: 64, kernel: 3, group: 1, size: 32 },
  { name: 'res2a_branch2b', input: 64, output: 64, kernel: 3, group: 4, size: 32 },
  { name: 'res3a_branch2a', input: 64, output: 128, kernel: 3, group: 1, size: 16 },
  { name: 'res3a_branch2b', input: 128, output: 128, kernel: 3, group: 4, size: 16 },
  { name: 'res4a_branch2a', input: 128, output: 256, kernel: 3, group: 1, size: 16 },
  { name: 'res4a_branch2b', input: 256, output: 256, kernel: 3, group: 4, size: 16 },
  { name: 'res5a_branch2a', input: 256, output: 512, kernel: 3, group: 1, size: 8 },
  { name: 'res5a_branch2b', input: 512, output: 512, kernel: 3, group: 4, size: 8 },
];

/** Floating-point operations of one pass over one picture (each of the three passes costs the same). */
export function flops({ input, output, kernel, group, size }: ConvolutionShape): number {
  return 2 * size * size * output * (input / group) * kernel * kernel;
}
