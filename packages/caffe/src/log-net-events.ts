import { eventText, type NetEvent } from '@jacinto/net';
import type { Log } from './glog.ts';

/** The source line that BVLC Caffe names for each kind of event. */
const sources: Partial<Record<NetEvent['type'], string>> = {
  'net-init': 'net.cpp:53',
  'layer-created': 'net.cpp:86',
  bottom: 'net.cpp:408',
  top: 'net.cpp:382',
  'setting-up': 'net.cpp:124',
  'top-shape': 'net.cpp:131',
  'loss-weight': 'net.cpp:134',
  'needs-backward': 'net.cpp:200',
  output: 'net.cpp:244',
  'net-ready': 'net.cpp:257',
  'ignoring-source-layer': 'net.cpp:744',
  'copying-source-layer': 'net.cpp:750',
};

/** Logs what a net tells, in Caffe's words. */
export function logNetEvent(log: Log, event: NetEvent): void {
  const source = sources[event.type] ?? 'net.cpp:0';
  if (event.type === 'warning') log.warning(source, eventText(event));
  else log.info(source, eventText(event));
}
