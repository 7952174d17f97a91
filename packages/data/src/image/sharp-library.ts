import type sharp from 'sharp';

let library: Promise<typeof sharp> | undefined;

/** sharp, loaded when it is first needed: many programs and threads never do. */
export function sharpLibrary(): Promise<typeof sharp> {
  library ??= import('sharp').then((module) => {
    // Small pictures come one after the other: libvips' own cache and threads only cost time.
    module.default.cache(false);
    module.default.concurrency(1);
    return module.default;
  });
  return library;
}
