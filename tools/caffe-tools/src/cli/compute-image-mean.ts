import { type Flags, formatNumber } from '@jacinto/caffe/command-line';
import { backendOf } from '@jacinto/data';
import { computeImageMean } from '../compute-image-mean.ts';
import type { Tool } from './run-tool.ts';

const flags = {
  backend: { kind: 'string', default: 'lmdb', description: 'The backend {leveldb, lmdb} containing the images' },
} as const satisfies Flags;

const source = 'compute_image_mean.cpp';

/** The command compute_image_mean. */
export const computeImageMeanTool: Tool<typeof flags> = {
  name: 'compute_image_mean',
  usage: `Compute the mean_image of a set of images given by a leveldb/lmdb
Usage:
    compute_image_mean [FLAGS] INPUT_DB [OUTPUT_FILE]`,
  flags,
  files: [1, 2],
  async run({ flags: values, files: [database, output], log, bar }) {
    await computeImageMean({ database: database!, backend: backendOf(values.backend), output }, (event) => {
      switch (event.type) {
        case 'opened':
          return log.info(`db_${event.backend}.cpp:35`, `Opened ${event.backend} ${event.database}`);
        case 'starting':
          return log.info(`${source}:70`, 'Starting iteration');
        case 'processed':
          return log.info(`${source}:101`, `Processed ${event.files} files.`);
        case 'writing':
          return log.info(`${source}:108`, `Write to ${event.file}`);
        case 'channel-means':
          log.info(`${source}:114`, `Number of channels: ${event.means.length}`);
          for (const [c, mean] of event.means.entries()) {
            log.info(`${source}:119`, `mean_value channel [${c}]: ${formatNumber(mean)}`);
          }
          return;
        case 'progress':
          return bar.update({ done: event.done, total: event.records, unit: 'images' });
      }
    });
    return 0;
  },
};
