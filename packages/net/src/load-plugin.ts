import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CaffeError } from '@jacinto/proto/errors';
import { Layer, type LayerClass } from './layer.ts';

/**
 * The layer classes of a plug-in (`--plugin ./my-layer.mjs`): a module whose default export, or export `layers`, is a
 * layer class or an array of them. A path is one that begins with `.` or `/` or names a file; all else is a package.
 * @throws CaffeError 'missing' where there is no such file or package, 'bad-file' where it does not load or holds no layers.
 */
export async function loadPlugin(specifier: string, folder: string = process.cwd()): Promise<LayerClass[]> {
  const module = await load(specifier, folder);
  const given = module['default'] ?? module['layers'];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (given === undefined || list.length === 0) {
    throw bad(specifier, 'exports no layers', 'export the class as default, or an array of classes as `layers`');
  }
  return list.map((each) => checked(specifier, each));
}

async function load(specifier: string, folder: string): Promise<Record<string, unknown>> {
  const path = resolve(folder, specifier);
  const isPath = /^\.{0,2}[/\\]/.test(specifier) || isAbsolute(specifier) || existsSync(path);
  if (isPath && !existsSync(path)) {
    throw new CaffeError({
      code: 'missing',
      file: specifier,
      problem: 'is not there',
      fix: 'check the path of --plugin',
    });
  }
  try {
    return await import(isPath ? pathToFileURL(path).href : specifier);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const missing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' && !isPath;
    throw new CaffeError(
      missing
        ? {
            code: 'missing',
            problem: `there is no plug-in "${specifier}"`,
            fix: `npm install ${specifier}, or give a path as ./x.mjs`,
          }
        : { code: 'bad-file', file: specifier, problem: `the plug-in does not load: ${reason}` },
      { cause: error },
    );
  }
}

const methods = ['reshape', 'forward', 'backward', 'setUp'] as const;

/** The class, if it is one: a subclass of Layer, or (where the plug-in has another copy of this package) one like it. */
function checked(specifier: string, given: unknown): LayerClass {
  if (typeof given !== 'function') {
    throw bad(specifier, `exports ${describe(given)} where a layer class should be`, 'export the class itself');
  }
  const { name, prototype } = given as { name: string; prototype: Record<string, unknown> | undefined };
  const type: unknown = (given as { type?: unknown }).type;
  if (!(prototype instanceof Layer) && methods.some((method) => typeof prototype?.[method] !== 'function')) {
    throw bad(specifier, `class ${name} is no layer`, "let it extend Layer of '@jacinto/net'");
  }
  if (typeof type !== 'string' || type === '') {
    throw bad(
      specifier,
      `class ${name} has no type`,
      `give it \`static type = '${name || 'MyLayer'}'\`, its name in the prototxt`,
    );
  }
  return given as LayerClass;
}

function describe(given: unknown): string {
  if (given instanceof Layer) return 'an instance of a layer';
  return given === null ? 'null' : `a value of type ${typeof given}`;
}

function bad(file: string, problem: string, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-file', file, problem, fix });
}
