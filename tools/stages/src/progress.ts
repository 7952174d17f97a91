/** What writes to a terminal, or to a file. */
export interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** A step that begins. */
  step(text: string): void;
  /** How far the step is; without a terminal every quarter is told. */
  update(done: number, total: number, text?: string): void;
  close(): void;
}

/** Says what is going on: a line that is written over on a terminal, a line now and then elsewhere. */
export function createProgress(stream: Output = process.stdout): Progress {
  const begin = performance.now();
  let open = false;
  let lastPercent = 0;
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(0)} s`.padStart(6);
  const close = () => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    step(text) {
      close();
      lastPercent = 0;
      stream.write(`${seconds()}  ${text}\n`);
    },
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
  };
}

/** Follows a stage's log lines and shows how far its command is. */
export function followLog(progress: Progress): (maxIter: number | undefined, line: string) => void {
  let accuracy = '';
  let zeros = '';
  return (maxIter, line) => {
    if (maxIter === undefined) return;
    if (line.includes('This is Jacinto')) accuracy = zeros = '';
    const tested = /Test net output #\d+: accuracy\S* = (\S+)/.exec(line);
    if (tested !== null) accuracy = `, test accuracy ${Number(tested[1]).toFixed(3)}`;
    const sparse = /Total Sparsity .*\) (\S+)/.exec(line);
    if (sparse !== null) zeros = `, zeros ${percent(Number(sparse[1]))}`;
    const trained = /Iteration (\d+) \(.*loss = (\S+)/.exec(line);
    if (trained === null) return;
    const loss = Number(trained[2]).toFixed(3);
    progress.update(
      Number(trained[1]),
      maxIter,
      `iteration ${trained[1]} of ${maxIter}, loss ${loss}${accuracy}${zeros}`,
    );
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
