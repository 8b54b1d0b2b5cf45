import { describe, expect, it } from 'vitest';
import { diskError } from '../../../src/disk/disk-error.js';

const failing = (code: string) => Object.assign(new Error(code), { code });

describe('diskError', () => {
  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the disk quota of this user is used up'],
    ['EACCES', 'permission denied'],
    ['EPERM', 'the system does not permit it'],
    ['EROFS', 'the file system is read-only'],
    ['EMFILE', 'this process has too many files open'],
    ['ENFILE', 'the system has too many files open'],
    ['EIO', 'the disk reports an input/output error'],
  ])('explains %s with a remedy', (code, reason) => {
    const error = diskError('write', 'temp/x', failing(code));
    expect(error.message).toBe(`Cannot write temp/x: ${reason}.`);
    expect(error.code).toBe('DISK');
    expect(error.remedy).toMatch(/^[A-Z].*\.$/);
  });

  it('names an unknown code, keeps the cause, and escapes control characters', () => {
    const cause = failing('EWEIRD');
    const error = diskError('read', 'a\u001b[31m\n\u202eb', cause);
    expect(error.message).toBe('Cannot read a\\u001b[31m\\n\\u202eb: the system reported EWEIRD.');
    expect(error.cause).toBe(cause);
  });
});
