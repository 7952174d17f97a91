import type { Flags } from '@jacinto/caffe/command-line';
import { runTool, type Tool } from '../cli/run-tool.ts';

export interface Called {
  code: number;
  stdout: string;
  /** Lines on stderr without what changes from run to run: date, time and process. */
  lines: string[];
}

/** Runs a tool in this process, as its command would. */
export async function called<const F extends Flags>(tool: Tool<F>, ...args: string[]): Promise<Called> {
  let stdout = '';
  let stderr = '';
  const code = await runTool(tool, {
    args,
    stdout: (text) => {
      stdout += text;
    },
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
  });
  const lines = stderr.split('\n').filter(Boolean);
  return { code, stdout, lines: lines.map((line) => line.replace(/^([IWEF])\d{4} [\d:.]+ +\d+ /, '$1 ')) };
}
