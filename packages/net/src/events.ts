import { Phase } from '@jacinto/proto';

/** What a net tells its listener while it is built, loaded and, with debug_info, run. Nothing is printed here. */
export type NetEvent =
  /** An include or exclude rule does not match the net's state; whether the layer stays depends on its other rules. */
  | { type: 'rule-unmet'; layer: string; reason: string }
  /** The net after filtering, as prototxt. */
  | { type: 'net-init'; text: string; phase: number }
  /** The type that layers compute in, where they give none: 'FLOAT', … */
  | { type: 'default-math'; pass: 'forward' | 'backward'; dataType: string }
  | { type: 'layer-created'; layer: string; layerType: string; index: number }
  | { type: 'bottom'; layer: string; blob: string }
  | { type: 'top'; layer: string; blob: string; inPlace: boolean }
  | { type: 'setting-up'; layer: string }
  /** `shape` as Caffe prints it: "64 3 32 32 (196608)". */
  | { type: 'top-shape'; phase: number; layer: string; index: number; blob: string; shape: string }
  | { type: 'loss-weight'; layer: string; blob: string; weight: number }
  | { type: 'param-shared'; param: string; layer: string; ownerLayer: string; ownerIndex: number }
  | { type: 'needs-backward'; layer: string; needed: boolean }
  | { type: 'output'; blob: string }
  | { type: 'net-ready' }
  /** Bytes of blobs that take turns in memory (`reuseBuffers`), and what they would take each by itself. */
  | { type: 'buffers-reused'; bytes: number; alone: number }
  | { type: 'ignoring-source-layer'; layer: string }
  | { type: 'copying-source-layer'; layer: string; layerType: string; blobs: number }
  | { type: 'warning'; message: string; layer?: string }
  | { type: 'debug-info'; line: string };

/** The line Caffe logs for an event. */
export function eventText(event: NetEvent): string {
  switch (event.type) {
    case 'rule-unmet':
      return `${event.reason} specified by a rule in layer ${event.layer}`;
    case 'default-math':
      return `Using ${event.dataType} as default ${event.pass} math type`;
    case 'net-init':
      return `Initializing net from parameters: \n${event.text}`;
    case 'layer-created':
      return `Created Layer ${event.layer} (${event.index})`;
    case 'bottom':
      return `${event.layer} <- ${event.blob}`;
    case 'top':
      return `${event.layer} -> ${event.blob}${event.inPlace ? ' (in-place)' : ''}`;
    case 'setting-up':
      return `Setting up ${event.layer}`;
    case 'top-shape': {
      const phase = event.phase === Phase.TRAIN ? 'TRAIN' : 'TEST';
      return `${phase} Top shape for layer ${event.index} '${event.layer}' ${event.shape}`;
    }
    case 'loss-weight':
      return `    with loss weight ${event.weight}`;
    case 'param-shared':
      return `Sharing parameters '${event.param}' owned by layer '${event.ownerLayer}', param index ${event.ownerIndex}`;
    case 'needs-backward':
      return `${event.layer} ${event.needed ? 'needs' : 'does not need'} backward computation.`;
    case 'output':
      return `This network produces output ${event.blob}`;
    case 'net-ready':
      return 'Network initialization done.';
    case 'buffers-reused':
      return `Memory required for data: ${event.bytes}, as blobs take turns (else ${event.alone})`;
    case 'ignoring-source-layer':
      return `Ignoring source layer ${event.layer}`;
    case 'copying-source-layer':
      return `Copying source layer ${event.layer} Type:${event.layerType} #blobs=${event.blobs}`;
    case 'warning':
      return event.layer === undefined ? event.message : `layer "${event.layer}": ${event.message}`;
    case 'debug-info':
      return event.line;
  }
}
