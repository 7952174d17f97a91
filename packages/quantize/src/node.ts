export { runQuantize, type World } from './command/run.ts';
