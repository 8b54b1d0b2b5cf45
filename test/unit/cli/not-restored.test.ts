import { describe, expect, it } from 'vitest';
import { notRestored } from '../../../src/cli/not-restored.js';
import type { RestoreOptions } from '../../../src/cli/restore-options.js';

const OPTIONS: RestoreOptions = {
  files: [],
  out: 'my archive',
  ttl: 'drop',
  concurrency: 16,
  logLevel: 'info',
  color: true,
};

/** The items came from stdin, and there is no archive. */
const NONE = 'none';

function commandOf(options: Partial<RestoreOptions>, archive: object | typeof NONE = {}) {
  const error = notRestored({
    options: { ...OPTIONS, ...options },
    table: 'Orders',
    archive: archive === NONE ? undefined : archive,
    failed: '1 item',
    list: '/a/list.ndjson',
  });
  return error.commands.map(({ args }) => args.join(' '));
}

describe('notRestored', () => {
  it('names the table and the archive: without them the items would go to another table', () => {
    expect(commandOf({})).toEqual(['restore /a/list.ndjson --table Orders --out my archive']);
    expect(commandOf({ files: ['-'] }, NONE)).toEqual(['restore /a/list.ndjson --table Orders']);
  });

  it('repeats the options of the failed run', () => {
    expect(commandOf({ ttl: 2_592_000_000, overwrite: true, allVersions: true, rate: 100 })).toEqual([
      'restore /a/list.ndjson --table Orders --out my archive --ttl 2592000s --overwrite --all-versions --rate 100',
    ]);
    expect(commandOf({ ttl: 'keep' })).toEqual(['restore /a/list.ndjson --table Orders --out my archive --ttl keep']);
  });

  it('suggests verify only for an archive', () => {
    expect(commandOf({ dryRun: true })).toEqual(['verify --out my archive']);
    expect(commandOf({ dryRun: true, files: ['-'] }, NONE)).toEqual([]);
  });
});
