import { createHmac, hash } from 'node:crypto';
import type { Checksum, SourceData } from '@smithy/types';

interface Keyed {
  readonly secret: string;
  readonly data: Uint8Array;
  readonly digest: Uint8Array;
}

/** The last digest with a text as its secret: the signer wants that of the credentials for each call, to find the day's key again. */
let last: Keyed | undefined;

/** SHA-256, or HMAC with a secret, for the SDK's signer. What it hashes is short and whole: it takes little more than half the time of the SDK's own class. */
export class SigningHash implements Checksum {
  readonly #secret: SourceData | undefined;
  #data: Uint8Array = new Uint8Array();

  constructor(secret?: SourceData) {
    this.#secret = secret;
  }

  update(data: Uint8Array): void {
    this.#data = this.#data.length === 0 ? data : Buffer.concat([this.#data, data]);
  }

  digest(): Promise<Uint8Array> {
    const data = this.#data;
    const secret = this.#secret;
    if (secret === undefined) return Promise.resolve(hash('sha256', data, 'buffer'));
    if (typeof secret !== 'string') return Promise.resolve(hmac(bytesOf(secret), data));
    if (last?.secret !== secret || Buffer.compare(last.data, data) !== 0) {
      last = { secret, data, digest: hmac(secret, data) };
    }
    return Promise.resolve(last.digest);
  }

  reset(): void {
    this.#data = new Uint8Array();
  }
}

function hmac(secret: string | Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update(data).digest();
}

function bytesOf(secret: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}
