import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Subject } from '../measure.ts';

/** What a child answers: anything, or why it cannot. */
export type Answer = Record<string, unknown> & { error?: string };

/**
 * A peer in a process of its own. It reads requests from standard input and answers on standard output, a line of JSON
 * each; what else it has to say goes to standard error. Its first answer comes unasked and says whether it is there.
 */
export class Child {
  /** What it said of itself at the start. */
  hello: Answer = {};
  private readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private readonly messages: string[] = [];

  private constructor(command: string, args: readonly string[], env: Record<string, string>) {
    this.process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr!.on('data', (chunk) => this.messages.push(String(chunk)));
    this.process.stdin!.on('error', () => {}); // its end is noticed where it does not answer
    this.process.on('error', (error) => this.messages.push(error.message));
    this.reader = createInterface({ input: this.process.stdout! });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  /** Starts it. Never throws: why it is absent is in `absent`. */
  static async start(
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<Child | { absent: string }> {
    const child = new Child(command, args, env);
    child.hello = await child.answer();
    if (child.hello.error === undefined) return child;
    child.end();
    return { absent: child.hello.error };
  }

  /** @throws where it answers with an error or ends. */
  async ask(request: object): Promise<Answer> {
    this.process.stdin!.write(`${JSON.stringify(request)}\n`);
    const answer = await this.answer();
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  /** A subject whose runs are asked for together, so that the pipe counts once a sample. */
  subject(name: string, request: object = {}): Subject {
    const runs = async (count: number) => void (await this.ask({ ...request, run: count }));
    return { name, run: () => runs(1), runs };
  }

  end(): void {
    this.reader.close();
    this.process.kill();
  }

  private async answer(): Promise<Answer> {
    const { value, done } = await this.lines.next();
    if (!done) return JSON.parse(value) as Answer;
    const said = this.messages.join('').trim().split('\n').at(-1)!;
    return { error: said === '' ? 'it ended without a word' : said };
  }
}
