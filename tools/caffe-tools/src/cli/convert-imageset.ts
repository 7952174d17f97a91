import type { Flags } from '@jacinto/caffe/command-line';
import { backendOf } from '@jacinto/data';
import { convertImageset } from '../convert-imageset.ts';
import type { Tool } from './run-tool.ts';

const flags = {
  gray: { kind: 'boolean', default: false, description: 'When this option is on, treat images as grayscale ones' },
  shuffle: { kind: 'boolean', default: false, description: 'Randomly shuffle the order of images and their labels' },
  random_seed: { kind: 'integer', default: -1, description: 'Seed of --shuffle; -1: another one each time' },
  backend: { kind: 'string', default: 'lmdb', description: 'The backend {lmdb, leveldb} for storing the result' },
  resize_width: { kind: 'integer', default: 0, description: 'Width images are resized to' },
  resize_height: { kind: 'integer', default: 0, description: 'Height images are resized to' },
  check_size: {
    kind: 'boolean',
    default: false,
    description: 'When this option is on, check that all the datum have the same size',
  },
  encoded: {
    kind: 'boolean',
    default: false,
    description: 'When this option is on, the encoded image will be save in datum',
  },
  encode_type: {
    kind: 'string',
    default: '',
    description: "Optional: What type should we encode the image as ('png','jpg',...).",
  },
} as const satisfies Flags;

const source = 'convert_imageset.cpp';

/** The command convert_imageset. */
export const convertImagesetTool: Tool<typeof flags> = {
  name: 'convert_imageset',
  usage: `Convert a set of images to the leveldb/lmdb
format used as input for Caffe.
Usage:
    convert_imageset [FLAGS] ROOTFOLDER/ LISTFILE DB_NAME`,
  flags,
  files: [3, 3],
  async run({ flags: values, files: [root, list, database], log, bar }) {
    const options = {
      root: root!,
      list: list!,
      database: database!,
      backend: backendOf(values.backend),
      gray: values.gray,
      shuffle: values.shuffle,
      seed: values.random_seed < 0 ? undefined : values.random_seed,
      resizeWidth: values.resize_width,
      resizeHeight: values.resize_height,
      checkSize: values.check_size,
      encoded: values.encoded,
      encodeType: values.encode_type,
    };
    await convertImageset(options, (event) => {
      switch (event.type) {
        case 'shuffling':
          return log.info(`${source}:84`, 'Shuffling data');
        case 'total':
          return log.info(`${source}:89`, `A total of ${event.images} images.`);
        case 'assuming-encoded':
          return log.info(`${source}:92`, 'encode_type specified, assuming encoded=true.');
        case 'opened':
          return log.info(`db_${event.backend}.cpp:35`, `Opened ${event.backend} ${event.database}`);
        case 'unreadable':
          return log.error('io.cpp:85', `Could not open or find file ${event.file}: ${event.error.message}`);
        case 'unknown-encoding':
          return log.warning(`${source}:119`, `Failed to guess the encoding of '${event.file}'`);
        case 'processed':
          return log.info(`${source}:153`, `Processed ${event.files} files.`);
        case 'progress':
          return bar.update({ done: event.done, total: event.images, unit: 'images' });
      }
    });
    return 0;
  },
};
