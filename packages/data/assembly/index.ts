export { makeHuffmanTable } from './huffman';
export { readScan } from './scan';
export { writeBytes } from './write-bytes';
export { writeFloats } from './write-floats';
