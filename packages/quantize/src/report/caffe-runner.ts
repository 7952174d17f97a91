import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import type { NetParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import type { RunnableNet, Runner } from './runner.ts';

/** What is used of `@jacinto/caffe`. */
interface Caffe {
  createRegistry(): unknown;
  Net: {
    create(
      param: NetParameter,
      options: { backend: Backend; registry: unknown; phase: number; seed: number },
    ): Promise<RunnableNet & { copyTrainedFrom(weights: NetParameter, options: { file?: string }): void }>;
  };
}

export interface CaffeRunnerOptions {
  /** Named in errors about weights that do not fit. */
  weightsFile?: string;
  /** Default one a core. */
  threads?: number;
}

// Named by a variable: this package is built, and works, without it.
const packageName: string = '@jacinto/caffe';

/**
 * A runner of `@jacinto/caffe`, which this package finds where it is installed beside it.
 * @throws CaffeError 'missing' where it is not.
 */
export async function loadCaffeRunner({ weightsFile, threads }: CaffeRunnerOptions = {}): Promise<Runner> {
  const caffe = await load();
  const backend = await createCpuBackend({ threads });
  return {
    async createNet(param, weights) {
      const net = await caffe.Net.create(param, { backend, registry: caffe.createRegistry(), phase: 1, seed: 1 });
      net.copyTrainedFrom(weights, { file: weightsFile });
      return net;
    },
    dispose: () => backend.dispose(),
  };
}

async function load(): Promise<Caffe> {
  try {
    return (await import(packageName)) as Caffe;
  } catch (error) {
    const { code, message = '' } = error as { code?: string; message?: string };
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(packageName)) throw error;
    throw new CaffeError({
      code: 'missing',
      problem: 'running a net needs @jacinto/caffe, which is not installed beside @jacinto/quantize',
      fix: 'npm install @jacinto/quantize @jacinto/caffe, or leave out --images, --lmdb and --sweep to see the weights only',
    });
  }
}
