import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logLines, runCli } from './testing/run-cli.ts';
import { copyGolden, goldenFiles, hasGoldenFiles, temporaryFolder } from './testing/shared-files.ts';
import { dummyNet, writeFiles } from './testing/toy-files.ts';

const root = temporaryFolder();

describe.skipIf(!hasGoldenFiles)('caffe test (skipped where ../shared/golden/files is absent)', () => {
  const args = ['test', '--model=net.prototxt', '--weights', 'solver_sgd/sgd_iter_40.caffemodel', '-iterations', '8'];

  it('logs what real Caffe logged, line by line', async () => {
    const cwd = mkdtempSync(join(root, 'test-'));
    copyGolden(cwd);
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(0);
    const expected = logLines(readFileSync(join(goldenFiles, 'logs/bvlc_test.log'), 'utf8'));
    const part = (lines: readonly string[]) => lines.slice(lines.indexOf('Running for 8 iterations.'));
    const [ours, theirs] = [
      part(logLines(stderr)),
      part(expected).filter((line) => !line.includes('data prefetching')),
    ];
    expect(ours.map(withoutNumbers)).toEqual(theirs.map(withoutNumbers));
    ours.forEach((line, i) => {
      const [a, b] = [line, theirs[i]!].map(numbersOf) as [number[], number[]];
      a.forEach((value, k) => {
        expect(Math.abs(value - b[k]!), `${line} | ${theirs[i]}`).toBeLessThanOrEqual(2e-5 * Math.abs(b[k]!));
      });
    });
  });

  it('takes weights that real Caffe wrote as HDF5', async () => {
    const cwd = mkdtempSync(join(root, 'test-'));
    copyGolden(cwd);
    const weights = join(goldenFiles, 'solver_sgd_hdf5/sgd_hdf5_iter_40.caffemodel.h5'); // the run of solver_sgd again
    const { code, stdout, stderr } = await runCli([...args, '--weights', weights, '--quiet'], { cwd });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Loss: 1\.2838\d\naccuracy = 0\.66796/);
  });

  it('--quiet prints the means only', async () => {
    const cwd = mkdtempSync(join(root, 'test-'));
    copyGolden(cwd);
    const { code, stdout, stderr } = await runCli([...args, '--quiet'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Loss: 1\.2838\d\naccuracy = 0\.66796\d\nloss = 1\.2838\d \(\* 1 = 1\.2838\d loss\)\n$/);
  });
});

describe('caffe time', () => {
  it.each(['', 'TEST'])('measures every layer, --phase=%s', async (phase) => {
    const cwd = mkdtempSync(join(root, 'time-'));
    writeFiles(cwd, { 'net.prototxt': dummyNet });
    const { code, stderr } = await runCli(['time', '-model', 'net.prototxt', `--phase=${phase}`, '--iterations=2'], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    const lines = logLines(stderr).map(withoutNumbers);
    expect(lines.slice(lines.indexOf('*** Benchmark begins ***'))).toEqual([
      '*** Benchmark begins ***',
      ...[
        'Testing for # iterations.',
        'Iteration: # forward-backward time: # ms.',
        'Iteration: # forward-backward time: # ms.',
      ],
      'Average time per layer: ',
      ...['data', 'conv', 'relu', 'ip', 'loss'].flatMap((name) => [
        `${name.padStart(10)}\tforward: # ms.`,
        `${name.padStart(10)}\tbackward: # ms.`,
      ]),
      ...['Average Forward pass: # ms.', 'Average Backward pass: # ms.', 'Average Forward-Backward: # ms.'],
      ...['Total Time: # ms.', '*** Benchmark ends ***'],
    ]);
  });

  it('in TEST with a BatchNorm that scales, and with 8 bits', async () => {
    const cwd = mkdtempSync(join(root, 'time-'));
    const norm = `layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "conv" batch_norm_param { scale_bias: true } }\n`;
    const net = dummyNet.replace(/layer \{[^{}]*type: "ReLU"/s, (relu) => norm + relu);
    writeFiles(cwd, { 'net.prototxt': `quantize: true\n${net}` });
    const args = ['time', '--model=net.prototxt', '--phase=TEST', '--iterations=1'];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(0);
    expect(logLines(stderr).join('\n')).toContain('Enabling quantization at output of: ReLU relu');
  });

  it('--plan shows each layer before, and who does a ReLU; --nofusion lets each do its own', async () => {
    const cwd = mkdtempSync(join(root, 'plan-'));
    const norm = `layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "conv" }\n`;
    writeFiles(cwd, { 'net.prototxt': dummyNet.replace(/layer \{[^{}]*type: "ReLU"/s, (relu) => norm + relu) });
    const run = async (...more: string[]): Promise<string[]> => {
      const args = ['time', '--model=net.prototxt', '--iterations=1', '--plan', '--backend=cpu', ...more];
      const { code, stdout, stderr } = await runCli(args, { cwd });
      expect(code, stderr).toBe(0);
      return stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    };
    const fused = await run();
    expect(fused.slice(0, 2)).toEqual([
      'Plan on the cpu backend:',
      'layer | type | operations | fused | output | layout | KiB',
    ]);
    expect(fused.find((line) => line.startsWith('bn '))).toMatch(
      /^bn \| BatchNorm \| batchNorm \+ relu \| does relu \|/,
    );
    expect(fused.find((line) => line.startsWith('relu '))).toMatch(/^relu \| ReLU \| - \| by bn \|/);
    const apart = await run('--nofusion');
    expect(apart.find((line) => line.startsWith('bn '))).toMatch(/^bn \| BatchNorm \| batchNorm \| - \|/);
  });

  it('refuses another phase', async () => {
    const { code, stderr } = await runCli(['time', '--model=net.prototxt', '--phase=TRIAN'], { cwd: root });
    expect([code, logLines(stderr, 'E')]).toEqual([1, ['--phase "TRIAN" is not known; did you mean "TRAIN"?']]);
  });
});

describe('caffe device_query', () => {
  it('tells what could compute', async () => {
    const { code, stdout } = await runCli(['device_query', '--threads=2'], { cwd: root });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^GPU backends installed: {8}none$/m);
    expect(stdout).toMatch(/^Backend cpu: {19}WebAssembly kernels with (relaxed )?SIMD.*, 2 threads$/m);
    // Found, or why it is not.
    expect(stdout).toMatch(
      /^Backend onednn: {16}(oneDNN 2\.\S+ \(.*\).*, 2 threads, over |absent: .*(apt|npm) install)/m,
    );
    const byDefault = process.env['JACINTO_BACKEND'] || (/^Backend onednn: +oneDNN/m.test(stdout) ? 'onednn' : 'cpu');
    expect(stdout).toMatch(new RegExp(`^Backend by default: {12}${byDefault}$`, 'm'));
    expect(stdout).toMatch(/^Total memory: {18}\d+\.\d GiB$/m);
  });
});

const number = /-?\d+(\.\d+)?(e[-+]\d+)?/g;

function withoutNumbers(line: string): string {
  return line.replace(number, '#');
}

function numbersOf(line: string): number[] {
  return [...line.matchAll(number)].map(([text]) => Number(text));
}
