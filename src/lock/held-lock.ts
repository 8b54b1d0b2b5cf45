import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Clock, Disk, Log } from '../ports/index.js';
import type { CreatedLock } from './create-lock.js';
import { RENEWALS_PER_LEASE } from './lease.js';
import { encodeLock, type LockProgress, parseLock, readLockText } from './lock-record.js';

export interface Lock {
  /** Aborts when another process has taken the lock; its reason is a LOCKED error. */
  readonly lost: AbortSignal;
  /**
   * To be called before each write under the lock. Undefined: the lock is certainly ours. Otherwise the last renewal was
   * too long ago (a suspended process, a sleeping laptop, a disk that did not answer), and the lock is renewed first.
   * Rejects with LOCKED when it is no longer ours, and with DISK when that cannot be known.
   */
  check(): Promise<void> | undefined;
  /** Removes the lock, unless it is no longer ours. */
  release(): Promise<void>;
}

interface Context {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log?: Log | undefined;
}

interface Held extends CreatedLock {
  readonly path: string;
  readonly guard: string;
  readonly progress?: () => LockProgress;
}

/** A lock that this process holds and renews in place: its writes never change the lock of a successor. */
export class HeldLock implements Lock {
  readonly #context: Context;
  readonly #held: Held;
  readonly #leaseMs: number;
  readonly #onEnd: () => void;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  #renewals = 0;
  /** When the last successful renewal began, by both clocks: the monotonic one stops while the machine sleeps. */
  #renewedAt: { readonly monotonic: number; readonly wall: number };
  #renewing: Promise<void> | undefined;

  constructor(context: Context, held: Held, onEnd: () => void) {
    this.#context = context;
    this.#held = held;
    this.#leaseMs = held.record.leaseMs ?? 0;
    this.#onEnd = onEnd;
    this.#renewedAt = { monotonic: held.at, wall: Date.parse(held.record.since) };
    void this.#keepRenewing();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  check(): Promise<void> | undefined {
    if (this.lost.aborted) return Promise.reject(this.lost.reason);
    return this.#isSure() ? undefined : this.#renew();
  }

  async release(): Promise<void> {
    if (this.#released.signal.aborted) return;
    this.#released.abort();
    this.#onEnd();
    const { file, path } = this.#held;
    try {
      await this.#renewing?.catch(() => undefined);
      await this.check();
      if (await file.isCurrent()) await this.#context.disk.remove(path);
      else await this.#lose();
    } catch (error) {
      if (!this.lost.aborted) throw error;
    } finally {
      await file.close();
    }
  }

  /** No process takes over before a whole lease has passed; half of it is left for the write that follows. */
  #isSure(): boolean {
    const { clock } = this.#context;
    const { monotonic, wall } = this.#renewedAt;
    return Math.max(clock.monotonic() - monotonic, clock.now() - wall) < this.#leaseMs / 2;
  }

  async #keepRenewing(): Promise<void> {
    const { clock, log } = this.#context;
    const signal = AbortSignal.any([this.#released.signal, this.lost]);
    for (;;) {
      await clock.sleep(this.#leaseMs / RENEWALS_PER_LEASE, signal);
      if (signal.aborted) return;
      // If it fails, writes wait until a renewal succeeds: `check` sees to that.
      await this.#renew().catch((error: unknown) => {
        if (signal.aborted) return;
        log?.warn(
          { event: 'lock.renewal-failed', reason: String(error) },
          'the lock of the archive folder was not renewed',
        );
      });
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewNow().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewNow(): Promise<void> {
    const { disk, clock } = this.#context;
    const { file, guard, record, progress } = this.#held;
    const wasSure = this.#isSure();
    const now = { monotonic: clock.monotonic(), wall: clock.now() };
    this.#renewals += 1;
    await file.overwrite(
      encodeLock({
        ...record,
        renewals: this.#renewals,
        renewedAt: new Date(now.wall).toISOString(),
        ...(progress !== undefined && { progress: progress() }),
      }),
    );
    // A process that takes the lock over holds the guard and then checks once more that the lock has not changed: either
    // it sees this renewal, or this process sees the guard.
    if (!wasSure && (await disk.size(guard)) !== undefined) await this.#lose();
    if (!(await file.isCurrent())) await this.#lose();
    this.#renewedAt = now;
  }

  /** Throws LOCKED, now and at every later check. */
  async #lose(): Promise<never> {
    const { path, record } = this.#held;
    const text = await readLockText(this.#context.disk, path).catch(() => undefined);
    const successor = text === undefined ? undefined : parseLock(text);
    const who =
      successor === undefined || successor.id === record.id
        ? 'is no longer locked by this process: another process is taking it over, or the lock was removed'
        : `was taken over by process ${successor.pid} on ${successor.host} since ${successor.since}`;
    const error = new TtlArchiveError('LOCKED', `The archive folder ${who} (${escapeText(path)}).`, {
      remedy:
        'This process did not renew its lock in time (it was suspended, or the disk did not answer) and stopped before ' +
        'it wrote anything more. Nothing is lost; run one watch on an archive folder at a time.',
    });
    this.#lost.abort(error);
    throw error;
  }
}
