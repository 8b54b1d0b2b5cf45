import { describe, expect, it } from 'vitest';
import { SigningHash } from '../../../src/aws/signing-hash.js';

async function digestOf(
  data: readonly string[],
  secret?: ConstructorParameters<typeof SigningHash>[0],
): Promise<string> {
  const hash = new SigningHash(secret);
  for (const part of data) hash.update(Buffer.from(part));
  return Buffer.from(await hash.digest()).toString('hex');
}

// FIPS 180-2, and RFC 4231, cases 1 and 2.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const HI_THERE = 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7';
const FOR_NOTHING = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('SigningHash', () => {
  it('is SHA-256 without a secret, also of nothing and of parts', async () => {
    expect(await digestOf(['abc'])).toBe(ABC);
    expect(await digestOf(['a', '', 'bc'])).toBe(ABC);
    expect(await digestOf([])).toBe(NOTHING);
  });

  it('is HMAC with a secret of bytes or of text', async () => {
    const secret = new Uint8Array(22).fill(0x0b);
    for (const each of [secret.subarray(1, 21), secret.slice(2).buffer]) {
      expect(await digestOf(['Hi There'], each)).toBe(HI_THERE);
    }
    expect(await digestOf(['what do ya want for nothing?'], 'Jefe')).toBe(FOR_NOTHING);
  });

  it('never gives the digest of another secret or text', async () => {
    const vertical = '\v'.repeat(20);
    for (let round = 0; round < 2; round++) {
      expect(await digestOf(['what do ya ', 'want for nothing?'], 'Jefe')).toBe(FOR_NOTHING);
      expect(await digestOf(['Hi There'], vertical)).toBe(HI_THERE);
      expect(await digestOf(['what do ya want for nothing?'], vertical)).not.toBe(FOR_NOTHING);
      expect(await digestOf(['Hi There'], 'Jefe')).not.toBe(HI_THERE);
    }
  });

  it('forgets what it was given when it is reset', async () => {
    const hash = new SigningHash();
    hash.update(Buffer.from('x'));
    hash.reset();
    hash.update(Buffer.from('abc'));
    expect(Buffer.from(await hash.digest()).toString('hex')).toBe(ABC);
  });
});
