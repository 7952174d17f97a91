// `npm start`: sets up what is missing, then draws, trains and tests the quick-start example.
import { root, run, setUp } from './setup.mjs';

setUp();
run(process.execPath, [`${root}/examples/quick-start/run.mjs`, ...process.argv.slice(2)]);
