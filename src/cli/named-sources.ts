import { relative } from 'node:path';
import { STATE_PREFIX } from '../archive/layout.js';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { readChunks } from '../lib/read-chunks.js';
import { isS3Url, parseS3Url, s3Url } from '../lib/s3-location.js';
import type { Log } from '../ports/index.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import { openStorage } from '../reading/open-storage.js';
import type { Io } from './io.js';
import { namedFiles } from './named-files.js';
import type { RestoreOptions } from './restore-options.js';

/** A file or an object that the user named, not read yet. */
export interface NamedSource {
  /** For messages. */
  readonly name: string;
  /** Its path in the archive, when it lies there. */
  readonly inside?: string;
  read(): AsyncIterable<Uint8Array>;
}

interface Named {
  readonly options: RestoreOptions;
  readonly archive: ArchiveToRead | undefined;
  readonly io: Io;
  readonly log: Log;
}

/** Bytes of one request. */
const CHUNK = 4 * 1024 * 1024;

/** What the user named: first the files, then the objects in S3. Throws USAGE for what is not there. */
export async function namedSources({ options, archive, io, log }: Named): Promise<NamedSource[]> {
  const urls = options.files.filter(isS3Url);
  const names = options.files.filter((name) => !isS3Url(name));
  const paths = await namedFiles(names, io.cwd, ({ error }) =>
    log.warn({ event: 'restore.folder-skipped', reason: error.message }, 'skipped a folder'),
  );
  const directory = archive?.folder?.directory;
  const files = paths.map((path): NamedSource => {
    const inside = directory === undefined ? '..' : relative(directory, path).replaceAll('\\', '/');
    return {
      name: relative(io.cwd, path),
      ...(!inside.startsWith('..') && !inside.startsWith(STATE_PREFIX) && { inside }),
      read: () => readChunks(nodeDisk, path),
    };
  });
  const root = archive !== undefined && isS3Url(options.out) ? `${s3Url(parseS3Url(options.out))}/` : undefined;
  const objects = await Promise.all(
    [...new Set(urls)].map(async (url): Promise<NamedSource> => {
      const [folder, key] = [url.slice(0, url.lastIndexOf('/')), url.slice(url.lastIndexOf('/') + 1)];
      const storage = await openStorage(folder, options, io);
      if (key === '' || (await storage.readAt(key, 0, 1)) === undefined) throw noObject(url);
      return {
        name: url,
        ...(root !== undefined && url.startsWith(root) && { inside: url.slice(root.length) }),
        read: async function* () {
          for (let position = 0; ; position += CHUNK) {
            const bytes = (await storage.readAt(key, position, CHUNK)) ?? Buffer.alloc(0);
            yield bytes;
            if (bytes.length < CHUNK) return;
          }
        },
      };
    }),
  );
  return [...files, ...objects];
}

function noObject(url: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', `There is no object ${escapeText(url)}.`, {
    remedy: 'Name single objects: globs are for files. To restore an archive in S3, give its prefix with --out.',
  });
}
