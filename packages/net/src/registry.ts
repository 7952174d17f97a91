import { unknownName } from '@jacinto/proto/errors';
import type { LayerClass } from './layer.ts';

/** Layer classes by their prototxt type. A plain list a package, given in order; later ones replace earlier ones. */
export class LayerRegistry {
  private readonly classes = new Map<string, LayerClass>();

  constructor(...lists: readonly (readonly LayerClass[])[]) {
    for (const list of lists) for (const layerClass of list) this.register(layerClass);
  }

  register(layerClass: LayerClass): void {
    this.classes.set(layerClass.type, layerClass);
  }

  has(type: string): boolean {
    return this.classes.has(type);
  }

  get types(): string[] {
    return [...this.classes.keys()].sort();
  }

  /** @throws CaffeError 'unknown-name' with the nearest known type. */
  get(type: string): LayerClass {
    const layerClass = this.classes.get(type);
    if (layerClass === undefined) throw unknownName('type', type, this.types);
    return layerClass;
  }
}
