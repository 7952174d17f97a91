// `npm start`: sets up what is missing, then runs the quick-start example: from a first training to a net for a small
// device. Stopped with Ctrl-C, it goes on when started again; `npm start -- --help` names its options.
import { root, run, setUp } from './setup.mjs';

setUp();
// Ctrl-C is for the run, which makes a snapshot first; this process waits for it.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
run(process.execPath, [`${root}/examples/quick-start/run.mjs`, ...process.argv.slice(2)]);
