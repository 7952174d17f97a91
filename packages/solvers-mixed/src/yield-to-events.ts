/**
 * Lets timers, signals and other callbacks run. A training loop on a synchronous backend would otherwise never come
 * back to them: awaiting a settled promise does not.
 */
export function yieldToEvents(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((done) => setImmediate(done));
  return new Promise((done) => {
    const channel = new MessageChannel(); // browsers: a timer would wait 4 ms
    channel.port1.addEventListener('message', () => {
      channel.port1.close();
      done();
    });
    channel.port1.start();
    channel.port2.postMessage(undefined);
  });
}
