import { env } from 'node:process';

const NO_VERSION_WARNING = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** Creates a client without the SDK's advice to leave Node.js 20, which this package supports. */
export function createQuietly<Client>(create: () => Client): Client {
  const { [NO_VERSION_WARNING]: previous } = env;
  env[NO_VERSION_WARNING] = 'true';
  try {
    return create();
  } finally {
    if (previous === undefined) delete env[NO_VERSION_WARNING];
    else env[NO_VERSION_WARNING] = previous;
  }
}
