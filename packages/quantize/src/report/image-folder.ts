import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CaffeError } from '@jacinto/proto/errors';
import { ioError } from '@jacinto/proto/node';

export interface ImageFolder {
  /** Lines `path label` of an image list. */
  lines: string[];
  /** Names of the classes by label: the subfolders in alphabetical order; empty where there are none. */
  classes: string[];
}

const isImage = (name: string): boolean => /\.(jpe?g|png|bmp|gif|tiff?|webp|avif|p[bgpn]m)$/i.test(name);

/**
 * The images of a folder. Subfolders are classes, in alphabetical order; images that lie in the folder itself have
 * label 0. Classes take turns, so that the first passes see them all.
 * @throws CaffeError 'io' where it cannot be read, 'missing' where it holds no image.
 */
export function listImages(folder: string): ImageFolder {
  const root = resolve(folder);
  const names = entries(root);
  const classes = names.filter((name) => statSync(join(root, name)).isDirectory());
  const groups = classes.map((name, label) =>
    entries(join(root, name))
      .filter(isImage)
      .map((file) => `${join(root, name, file)} ${label}`),
  );
  const labelled = groups.some((group) => group.length > 0);
  const lines = labelled ? inTurns(groups) : names.filter(isImage).map((file) => `${join(root, file)} 0`);
  if (lines.length === 0) {
    throw new CaffeError({
      code: 'missing',
      file: folder,
      problem: 'holds no image',
      fix: 'give a folder of .jpg or .png files, or of one folder a class',
    });
  }
  return { lines, classes: labelled ? classes : [] };
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    throw ioError(error, folder, 'read');
  }
}

function inTurns(groups: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...groups.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => groups.flatMap((group) => group[i] ?? [])).flat();
}
