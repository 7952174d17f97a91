import { create, type LayerParameter, type NetParameter, printText } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';

export interface OutputModelPaths {
  prototxt: string;
  caffemodel: string;
}

/**
 * The two files that `--output_model=dir/prefix.ext` names: the last extension is replaced. Without a folder they go
 * into the present one (the original puts them into the root folder).
 * @throws CaffeError 'usage' where no name is left.
 */
export function outputModelPaths(argument: string): OutputModelPaths {
  const cut = Math.max(argument.lastIndexOf('/'), argument.lastIndexOf('\\')) + 1;
  const name = argument.slice(cut);
  const dot = name.lastIndexOf('.');
  const prefix = argument.slice(0, cut) + (dot > 0 ? name.slice(0, dot) : name);
  if (prefix.length === cut) {
    const problem = `--output_model is "${argument}", which names no file`;
    throw new CaffeError({ code: 'usage', problem, fix: 'use folder/prefix.caffemodel' });
  }
  return { prototxt: `${prefix}.prototxt`, caffemodel: `${prefix}.caffemodel` };
}

/** The text half of --output_model: the saved net (`net.toProto()`) without its blobs. */
export function outputModelText(message: NetParameter): string {
  const bare = Object.assign(create('NetParameter'), message);
  bare.layer = message.layer.map((layer) => {
    const copy: Partial<LayerParameter> = Object.assign(create('LayerParameter'), layer);
    delete copy.blobs;
    return copy as LayerParameter;
  });
  return printText('NetParameter', bare);
}
