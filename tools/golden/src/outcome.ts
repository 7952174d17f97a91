/** The largest difference found in a case, and the array it lies in. */
export interface WorstError {
  /** Relative to the largest absolute value of the array. */
  error: number;
  /** "blob y diff", "param conv1[0]", "loss at 17", … */
  array: string;
}

/** What came of one case. */
export interface Outcome {
  name: string;
  status: 'passed' | 'failed' | 'missing';
  /** Absent where nothing was compared. */
  worst?: WorstError;
  /** Why it failed or is missing, or on what condition it passed. */
  reason?: string;
}

export function passed(name: string, worst?: WorstError): Outcome {
  return { name, status: 'passed', ...(worst === undefined ? {} : { worst }) };
}

export function failed(name: string, reason: string, worst?: WorstError): Outcome {
  return { name, status: 'failed', reason, ...(worst === undefined ? {} : { worst }) };
}

export function missing(name: string, reason: string): Outcome {
  return { name, status: 'missing', reason };
}

/** One line a case: `passed  conv_big  3.1e-6 in blob y diff`. */
export function outcomeText({ name, status, worst, reason }: Outcome): string {
  const parts = [status.padEnd(7), name];
  if (worst !== undefined) parts.push(`${errorText(worst.error)} in ${worst.array}`);
  if (reason !== undefined) parts.push(reason);
  return parts.join('  ');
}

/** The last line printed: `138 passed, 0 failed, 4 missing; worst error 3.1e-6 in conv_big (blob y diff)`. */
export function tallyText(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']) => outcomes.filter((one) => one.status === status).length;
  const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('missing')} missing`;
  const compared = outcomes.filter(({ worst }) => worst !== undefined);
  if (compared.length === 0) return counts;
  const { name, worst } = compared.reduce((a, b) => (b.worst!.error > a.worst!.error ? b : a));
  return `${counts}; worst error ${errorText(worst!.error)} in ${name} (${worst!.array})`;
}

export function errorText(error: number): string {
  return error === 0 ? '0' : Number.isFinite(error) ? error.toExponential(1) : String(error);
}
