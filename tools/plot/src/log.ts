export {
  type LoggedOutput,
  parseTestLog,
  parseTrainingLog,
  type TestRow,
  type TestSummary,
  type TrainingLog,
  type TrainRow,
} from './parse-log.ts';
