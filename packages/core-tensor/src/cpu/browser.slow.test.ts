import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Serves the built package as plain ES modules, opens a page in headless Chromium, and has the page post its findings.

const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Compares a product and a convolution with plain loops; runs on the page and in a worker. */
const check = `
export async function check() {
  const { createCpuBackend, Values } = await import('/core-tensor/index.js');
  const backend = await createCpuBackend({ threads: 2 });
  const values = (count) => {
    const v = new Values(backend, count);
    v.hostWrite().forEach((_, i, array) => { array[i] = Math.sin(i * 12.9898 + count); });
    return v;
  };
  let error = 0;
  const compare = (actual, expected) => { error = Math.max(error, Math.abs(actual - expected)); };

  const [m, n, k] = [70, 90, 50];
  const [a, b, c] = [values(m * k), values(k * n), values(m * n)];
  const product = backend.gemm({ m, n, k });
  for (let i = 0; i < 50; i++) product.run(a, b, c);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a.hostRead()[i * k + p] * b.hostRead()[p * n + j];
    compare(c.hostRead()[i * n + j], sum);
  }

  const f32 = (shape) => ({ shape, dataType: 'f32' });
  const [x, w, y] = [values(2 * 3 * 64), values(5 * 27), values(2 * 5 * 64)];
  const convolution = backend.convolution({
    x: f32([2, 3, 8, 8]), w: f32([5, 3, 3, 3]), y: f32([2, 5, 8, 8]),
    stride: [1, 1], pad: [1, 1], dilation: [1, 1], group: 1, bias: false,
  });
  convolution.forward(x, w, undefined, y);
  for (let i = 0; i < 2; i++) for (let o = 0; o < 5; o++) for (let p = 0; p < 8; p++) for (let q = 0; q < 8; q++) {
    let sum = 0;
    for (let ch = 0; ch < 3; ch++) for (let r = 0; r < 3; r++) for (let s = 0; s < 3; s++) {
      const [h, v] = [p + r - 1, q + s - 1];
      if (h < 0 || v < 0 || h > 7 || v > 7) continue;
      sum += x.hostRead()[((i * 3 + ch) * 8 + h) * 8 + v] * w.hostRead()[((o * 3 + ch) * 3 + r) * 3 + s];
    }
    compare(y.hostRead()[((i * 5 + o) * 8 + p) * 8 + q], sum);
  }
  const { description, threads } = backend;
  await backend.dispose();
  return { description, threads, error };
}`;
const worker = `const { check } = await import('/check.js');
check().then(postMessage, (error) => postMessage({ failure: String(error) }));`;
const page = `<!doctype html><script type="module">
const post = (findings) => fetch('/findings', { method: 'POST', body: JSON.stringify(findings) });
try {
  const { check } = await import('/check.js');
  const onPage = await check();
  const inWorker = await new Promise((resolve, reject) => {
    const w = new Worker('/worker.js', { type: 'module' });
    w.onmessage = (event) => resolve(event.data);
    w.onerror = (event) => reject(new Error(event.message));
  });
  await post({ onPage, inWorker });
} catch (error) { await post({ failure: String(error) }); }
</script>`;

const folders: Record<string, string> = {
  '/core-tensor/': join(packageFolder, 'dist'),
  '/proto/': resolve(packageFolder, '../proto/dist'),
  '/fflate/': resolve(packageFolder, '../../node_modules/fflate/esm'),
};
const specifiers: Record<string, string> = {
  '@jacinto/proto/errors': '/proto/errors/index.js',
  fflate: '/fflate/browser.js',
};

/** What a path serves: bare imports become paths, as a bundler would do (import maps do not reach workers). */
async function contentOf(path: string): Promise<{ type: string; body: string }> {
  if (path === '/') return { type: 'text/html', body: page };
  if (path === '/check.js') return { type: 'text/javascript', body: check };
  if (path === '/worker.js') return { type: 'text/javascript', body: worker };
  const prefix = Object.keys(folders).find((folder) => path.startsWith(folder));
  if (prefix === undefined || path.includes('..')) throw new Error(`nothing is served at ${path}`);
  const source = await readFile(join(folders[prefix]!, path.slice(prefix.length)), 'utf8');
  const body = source.replace(
    /from '([^'.][^']*)'/g,
    (text, name: string) => `from '${specifiers[name] ?? name}' /* ${text.length} */`,
  );
  return { type: 'text/javascript', body };
}

interface Findings {
  failure?: string;
  onPage?: { description: string; threads: number; error: number };
  inWorker?: { description: string; threads: number; error: number };
}

function serve(found: (findings: Findings) => void): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (part) => {
        text += part;
      });
      request.on('end', () => {
        response.end();
        found(JSON.parse(text) as Findings);
      });
      return;
    }
    contentOf(request.url ?? '/').then(
      ({ type, body }) => response.setHeader('Content-Type', type).end(body),
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function openInChromium(): Promise<Findings> {
  const profile = await mkdtemp(join(tmpdir(), 'jacinto-chromium-'));
  let report: (findings: Findings) => void = () => {};
  const findings = new Promise<Findings>((resolve) => {
    report = resolve;
  });
  const server = await serve(report);
  const { port } = server.address() as AddressInfo;
  const switches = ['headless', 'no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-sync'];
  const quiet = ['disable-background-networking', 'disable-component-update', `user-data-dir=${profile}`];
  const args = [...switches, ...quiet].map((name) => `--${name}`);
  const browser = spawn(chromium, [...args, `http://127.0.0.1:${port}/`], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
  try {
    const early = ended.then((): Findings => ({ failure: 'the browser ended before the page was done' }));
    return await Promise.race([findings, early]);
  } finally {
    browser.kill('SIGKILL');
    await ended;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

describe('the CPU backend in a browser', () => {
  it('computes on a page and in a worker, with two threads', async (context) => {
    if (!existsSync(chromium)) context.skip(`no Chromium at ${chromium} (set CHROMIUM_PATH)`);
    if (!existsSync(join(packageFolder, 'dist'))) context.skip('the package is not built: dist is absent');
    const { failure, onPage, inWorker } = await openInChromium();
    expect(failure).toBeUndefined();
    for (const result of [onPage, inWorker]) {
      expect(result).toMatchObject({ threads: 2, description: expect.stringMatching(/^WebAssembly kernels with/) });
      expect(result!.error).toBeLessThan(1e-5);
    }
  });
});
