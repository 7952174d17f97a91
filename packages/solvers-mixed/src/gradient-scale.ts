import { has, type NetParameter } from '@jacinto/proto';

/** Global gradient scaling of a net (NVCaffe): the loss is multiplied by a factor and the gradients divided by it. */
export interface GradientScaling {
  enabled: boolean;
  /** `global_grad_scale` of the net. */
  scale: number;
  adaptive: boolean;
}

export function gradientScaling(net: NetParameter): GradientScaling {
  const scale = has(net, 'globalGradScale') ? net.globalGradScale : 0;
  return { enabled: scale > 0, scale, adaptive: net.globalGradScaleAdaptive };
}

/**
 * The factor for the next iteration (the first has 1): the scale, times the L2 norm of the gradients where it is
 * adaptive. The sum of squares counts in millionths, as in NVCaffe; a sum of 0 gives the plain scale.
 */
export function nextGradientScale({ enabled, scale, adaptive }: GradientScaling, gradientNorm = 0): number {
  if (!enabled) return 1;
  const sum = Math.round(gradientNorm ** 2 * 1e6) / 1e6;
  return adaptive && sum > 0 ? scale * Math.sqrt(sum) : scale;
}
