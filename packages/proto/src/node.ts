export { loadStateFile, loadWeightsFile } from './files/load-snapshot.ts';
export {
  readBlobFile,
  readNetFile,
  readSolverFile,
  readTextMessageFile,
  readWeightsFile,
  writeTextMessageFile,
  writeWeightsFile,
} from './files/message-files.ts';
export { type ProtoLoadTiming, timeProtoLoad, writeSampleModel } from './files/proto-load.ts';
export { ioError, readBytes } from './files/read-file.ts';
export { writeFileAtomic } from './files/write-file.ts';
