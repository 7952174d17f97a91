export { addingFacts, CaffeError } from './caffe-error.ts';
export { nearest, unknownName } from './suggest.ts';
export { describe, type ErrorCode, type ErrorFacts, firstSentence } from './wording.ts';
