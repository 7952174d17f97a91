/** Says what is going on: a line that is written over on a terminal, a line now and then elsewhere. */
export function createProgress(stream = process.stdout) {
  const begin = performance.now();
  let open = false;
  let lastPercent = 0;
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(0)} s`.padStart(6);
  const close = () => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    /** A step that begins. */
    step(text) {
      close();
      lastPercent = 0;
      stream.write(`${seconds()}  ${text}\n`);
    },
    /** How far the step is; without a terminal every quarter is told. */
    update(done, total, text = '') {
      const percent = Math.floor((100 * done) / total);
      if (stream.isTTY) {
        const bar = '█'.repeat(Math.round(percent / 5)).padEnd(20, '░');
        stream.write(`\r${seconds()}  ${bar} ${String(percent).padStart(3)} %  ${text}\x1b[K`);
        open = true;
      } else if (Math.floor(percent / 25) > Math.floor(lastPercent / 25)) {
        stream.write(`${seconds()}  ${String(percent).padStart(3)} %  ${text}\n`);
      }
      lastPercent = percent;
    },
    close,
    seconds,
  };
}
