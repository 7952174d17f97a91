import type { LayerClass } from '@jacinto/net';
import { CaffeError, unknownName } from '@jacinto/proto';

const endings = ['', '.mjs', '.js', '.cjs'];

/**
 * The layer class that a Python layer names. `module` is a JavaScript file, seen from the prototxt, with or without its
 * ending; dots between names may stand for folders, as in Python ("layers.pyloss"); where there is no such file it is
 * a package. @throws CaffeError 'missing', 'bad-file', 'unknown-name'.
 */
export async function loadClass(
  module: string,
  name: string,
  resolvePath: (path: string) => string,
): Promise<LayerClass> {
  // Here, so that a browser can load the package.
  const [{ existsSync, statSync }, { resolve }, { pathToFileURL }] = await Promise.all([
    import('node:fs'),
    import('node:path'),
    import('node:url'),
  ]);
  const stems = [module, ...(/[/\\]/.test(module) ? [] : [module.replaceAll('.', '/')])];
  const paths = stems.flatMap((stem) => endings.map((ending) => resolve(resolvePath(stem + ending))));
  const path = paths.find((each) => existsSync(each) && statSync(each).isFile());
  const loaded = await load(module, path === undefined ? module : pathToFileURL(path).href, paths[1]!);
  const found = loaded[name] ?? named(loaded['default'], name);
  if (found === undefined) {
    const classes = Object.keys(loaded).filter((key) => typeof loaded[key] === 'function');
    throw unknownName('python_param.layer', name, classes).with({
      fix: classes.length === 0 ? `let ${module} export a class ${name}` : undefined,
    });
  }
  if (!isLayerClass(found)) {
    throw new CaffeError({
      code: 'bad-file',
      file: path ?? module,
      problem: `what it exports as ${name} is no layer class`,
      fix: "let it extend Layer of '@jacinto/net'",
    });
  }
  return found;
}

async function load(module: string, specifier: string, expected: string): Promise<Record<string, unknown>> {
  try {
    return (await import(specifier)) as Record<string, unknown>;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    const isFile = specifier.startsWith('file:');
    if (!isFile && (code === 'ERR_MODULE_NOT_FOUND' || !/^[@\w]/.test(specifier))) {
      throw new CaffeError(
        {
          code: 'missing',
          field: 'python_param.module',
          problem: `is "${module}", but there is no file ${expected} and no such package`,
          fix: 'write the layer in JavaScript: Python itself cannot run here',
        },
        { cause },
      );
    }
    throw new CaffeError({ code: 'bad-file', file: module, problem: `does not load: ${message}` }, { cause });
  }
}

function named(value: unknown, name: string): unknown {
  return typeof value === 'function' && value.name === name ? value : undefined;
}

function isLayerClass(value: unknown): value is LayerClass {
  if (typeof value !== 'function') return false;
  const methods = (value as { prototype?: Record<string, unknown> }).prototype;
  return ['setUp', 'reshape', 'forward', 'backward'].every((method) => typeof methods?.[method] === 'function');
}
