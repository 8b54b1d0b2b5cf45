// Compiles src to dist, and bundles the command and the Lambda function. dist is emptied first, so that a deleted source
// file leaves nothing behind.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const COMMON = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };

process.exitCode = await build();

async function build() {
  let tsc;
  try {
    tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    console.error('error: TypeScript is not installed: run `npm ci` first, without --omit=dev.');
    return 1;
  }
  rmSync('dist', { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { stdio: 'inherit' });
  if (status !== 0) return status ?? 1;
  const { build: bundle } = await import('esbuild');
  await bundleCommand(bundle);
  chmodSync('dist/bin.js', 0o755);
  await bundleLambda(bundle);
  return 0;
}

/**
 * The command's 250 small modules as a few files: Node.js takes some 35 ms longer to load them one by one, a sixth of a
 * `watch --once` (`npm run bench -- startup`). What a command does not need stays in files of its own. They are in a folder of
 * dist, as the modules were, so that package.json is found from there.
 */
async function bundleCommand(bundle) {
  await bundle({
    ...COMMON,
    entryPoints: ['dist/bin.js'],
    outdir: 'dist',
    allowOverwrite: true,
    splitting: true,
    chunkNames: 'command/[name]-[hash]',
    packages: 'external',
  });
}

/** One file; the runtime of AWS Lambda brings the SDK. CommonJS packages in it need a `require` for Node.js's modules. */
async function bundleLambda(bundle) {
  await bundle({
    ...COMMON,
    entryPoints: ['dist/lambda/index.js'],
    outfile: 'dist/lambda-function/index.mjs',
    minifySyntax: true,
    minifyWhitespace: true,
    external: ['@aws-sdk/*'],
    legalComments: 'eof',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
  });
}
