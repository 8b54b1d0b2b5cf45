// Compiles src to dist, and bundles the Lambda function. dist is emptied first, so that a deleted source file leaves
// nothing behind.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

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
  chmodSync('dist/bin.js', 0o755);
  await bundleLambda();
  return 0;
}

/** One file; the runtime of AWS Lambda brings the SDK. CommonJS packages in it need a `require` for Node.js's modules. */
async function bundleLambda() {
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: ['dist/lambda/index.js'],
    outfile: 'dist/lambda-function/index.mjs',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    external: ['@aws-sdk/*'],
    legalComments: 'eof',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
