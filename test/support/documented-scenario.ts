import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cli } from './cli.js';
import { commandsOf, type DocumentedBlock } from './documented-blocks.js';

/** Where the commands of a scenario go, in place of what the documents say. */
export interface Scene {
  readonly endpointUrl: string;
  readonly s3EndpointUrl?: string;
}

/** What a block printed. */
export interface BlockResult {
  readonly place: string;
  /** As the document has it, and as the commands printed it; undefined when the document shows no output. */
  readonly transcript: { readonly documented: string; readonly printed: string } | undefined;
}

const AWS_CLI = fileURLToPath(new URL('./aws-cli.mjs', import.meta.url));

/** Programs that the documents call, in front of the PATH: as installed by a user, but for the AWS CLI. */
const PROGRAMS = {
  'ttl-archive': 'exec $CLI "$@"',
  npx: 'exec "$@"',
  aws: `exec node ${AWS_CLI} "$@"`,
};

/** What runs in the background is a process group of its own, which Ctrl-C ends; bash waits for its child then. */
const PROLOGUE = `set -emo pipefail
jobs=()
stop() { for job in "\${jobs[@]}"; do kill -INT -- "-$job" && wait "$job" || true; done; jobs=(); }
trap 'status=$?; stop; [ $status = 0 ] || echo "$place ended with $status" >&2' EXIT
await() { for tries in {1..400}; do compgen -G "$1" > /dev/null && return; sleep 0.1; done; echo "no $1" >&2; return 1; }`;

/**
 * Runs the blocks one after the other in one bash, in `cwd`. Throws when a command fails; in a `console` block that
 * shows output it may, if that is what the output shows.
 */
export async function runBlocks(
  cli: Cli,
  blocks: readonly DocumentedBlock[],
  { cwd, scene }: { readonly cwd: string; readonly scene: Scene },
): Promise<BlockResult[]> {
  const programs = join(cwd, '.programs');
  await mkdir(programs);
  for (const [name, line] of Object.entries(PROGRAMS)) {
    await writeFile(join(programs, name), `#!/bin/bash\n${line}\n`);
    await chmod(join(programs, name), 0o755);
  }
  const placed = blocks.map((block) => ({ ...block, text: inScene(block.text, scene) }));
  const script = [PROLOGUE, ...placed.map((block, index) => scriptOf(block, join(programs, `${index}`)))].join('\n');
  const { status, stderr } = await cli.shell(script, {
    cwd,
    env: {
      PATH: `${programs}:${process.env['PATH']}`,
      AWS_ENDPOINT_URL: scene.endpointUrl,
      ...(scene.s3EndpointUrl !== undefined && { AWS_ENDPOINT_URL_S3: scene.s3EndpointUrl }),
    },
  });
  // A block that was not reached has printed nothing.
  const printed = (index: number, stream: 'out' | 'err') =>
    readFile(join(programs, `${index}.${stream}`), 'utf8').catch(() => '');
  if (status !== 0) {
    const index = placed.findIndex(({ place }) => stderr.includes(`${place} ended`));
    throw new Error(`${stderr}${await printed(index, 'out')}${await printed(index, 'err')}`);
  }
  return Promise.all(
    placed.map(async (block, index) => ({
      place: block.place,
      transcript: showsOutput(block)
        ? { documented: block.text, printed: (await printed(index, 'out')).trimEnd() }
        : undefined,
    })),
  );
}

function scriptOf(block: DocumentedBlock, log: string): string {
  const { marker, place } = block;
  if (marker === undefined || 'notRun' in marker) throw new Error(`${place} is not to be run`);
  const shows = showsOutput(block);
  const commands = commandsOf(block).flatMap((command) =>
    shows ? [`printf '%s\\n' ${quote(`$ ${command}`)}`, command] : [command],
  );
  return [
    `place=${quote(place)}`,
    ...(marker.afterCtrlC ? ['stop'] : []),
    ...(marker.onceThereIs === undefined ? [] : [`await ${quote(marker.onceThereIs)}`]),
    ...(shows ? ['set +e'] : []),
    '{',
    ...commands,
    `} > ${log}.out 2> ${log}.err${marker.inBackground ? ' & jobs+=($!)' : ''}`,
    'set -e',
  ].join('\n');
}

/** Port 8000 and the bucket may be somebody else's. */
function inScene(text: string, { endpointUrl }: Scene): string {
  return text
    .replaceAll('--local', `--endpoint-url ${endpointUrl}`)
    .replaceAll('http://localhost:8000', endpointUrl)
    .replaceAll('s3://my-bucket/', 's3://bucket/')
    .replaceAll('s3://my-failed-batches', 's3://bucket/failed');
}

function showsOutput(block: DocumentedBlock): boolean {
  const commands = commandsOf(block).join('\n');
  return block.language === 'console' && commands.split('\n').length < block.text.split('\n').length;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
