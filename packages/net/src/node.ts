export { loadPlugin } from './load-plugin.ts';
