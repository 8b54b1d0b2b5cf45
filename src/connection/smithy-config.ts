import { createRequire } from 'node:module';
import type * as Config from '@smithy/core/config';

/** The SDK's reader of configuration. `import` takes twice as long as `require`; `aws/sdk.ts` says why. */
const require = createRequire(import.meta.url);
export const { loadConfig, loadSharedConfigFiles }: typeof Config = require('@smithy/core/config');

/** The environment's variables, or a profile's members. */
export type Variables = Readonly<Record<string, string | undefined>>;
