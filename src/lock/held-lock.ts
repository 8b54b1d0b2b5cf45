import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Clock, Disk, Log, OwnFile } from '../ports/index.js';
import { RENEWALS_PER_LEASE } from './lease.js';
import { encodeLock, type LockProgress, type LockRecord, parseLock, readLockText } from './lock-record.js';

export interface Lock {
  /** Aborts when another process has taken the lock; its reason is a LOCKED error. */
  readonly lost: AbortSignal;
  /**
   * To be called before anything is written under the lock. Undefined: the lock is certainly ours. Otherwise this
   * process was silent for so long (suspended, a sleeping laptop, a disk that did not answer) that the lock is looked at
   * first. Rejects with LOCKED when it is not ours any more, and with DISK when that cannot be told.
   */
  check(): Promise<void> | undefined;
  /** Gives the lock back, unless it is not ours any more. */
  release(): Promise<void>;
}

interface Held {
  readonly path: string;
  /** The lock that others hold while they remove a dead one. */
  readonly guard: string;
  readonly file: OwnFile;
  readonly record: LockRecord;
  /** `clock.monotonic()` before it was created. */
  readonly createdAt: number;
  readonly progress?: () => LockProgress;
}

/** A lock that this process holds and keeps renewing, in place: what it writes never lands in the lock of a successor. */
export class HeldLock implements Lock {
  readonly #machine: { readonly disk: Disk; readonly clock: Clock; readonly log?: Log | undefined };
  readonly #held: Held;
  readonly #leaseMs: number;
  readonly #onEnd: () => void;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  #renewals = 0;
  /** When the last successful renewal began, by both clocks: the monotonic one stands still while a machine sleeps. */
  #renewedAt: Moment;
  #renewing: Promise<void> | undefined;

  constructor(machine: { disk: Disk; clock: Clock; log?: Log | undefined }, held: Held, onEnd: () => void) {
    this.#machine = machine;
    this.#held = held;
    this.#leaseMs = held.record.leaseMs ?? 0;
    this.#onEnd = onEnd;
    this.#renewedAt = { monotonic: held.createdAt, wall: Date.parse(held.record.since) };
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
    const { disk } = this.#machine;
    const { file, path } = this.#held;
    try {
      await this.#renewing?.catch(() => undefined);
      await this.check();
      if (await file.isCurrent()) await disk.remove(path);
      else await this.#lose();
    } catch (error) {
      if (!this.lost.aborted) throw error;
    } finally {
      await file.close();
    }
  }

  /** Nobody takes over before a whole lease has passed; half of it is left for the write that follows. */
  #isSure(): boolean {
    const { clock } = this.#machine;
    const silent = Math.max(clock.monotonic() - this.#renewedAt.monotonic, clock.now() - this.#renewedAt.wall);
    return silent < this.#leaseMs / 2;
  }

  async #keepRenewing(): Promise<void> {
    const { clock, log } = this.#machine;
    const signal = AbortSignal.any([this.#released.signal, this.lost]);
    for (;;) {
      await clock.sleep(this.#leaseMs / RENEWALS_PER_LEASE, signal);
      if (signal.aborted) return;
      // What is to be written will have to wait until a renewal succeeds: `check` sees to that.
      await this.#renew().catch((error: unknown) => {
        if (!signal.aborted)
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
    const { disk, clock } = this.#machine;
    const { file, guard, record, progress } = this.#held;
    const wasSure = this.#isSure();
    const now: Moment = { monotonic: clock.monotonic(), wall: clock.now() };
    this.#renewals += 1;
    await file.overwrite(
      encodeLock({
        ...record,
        renewals: this.#renewals,
        renewedAt: new Date(now.wall).toISOString(),
        ...(progress !== undefined && { progress: progress() }),
      }),
    );
    // Whoever takes the lock for abandoned holds the guard, and then looks once more whether it has changed. So either
    // that one sees this renewal, or the guard is seen here.
    if (!wasSure && (await disk.size(guard)) !== undefined) await this.#lose();
    if (!(await file.isCurrent())) await this.#lose();
    this.#renewedAt = now;
  }

  /** Throws LOCKED, now and from every later check. */
  async #lose(): Promise<never> {
    const { disk } = this.#machine;
    const { path } = this.#held;
    const text = await readLockText(disk, path).catch(() => undefined);
    const successor = text === undefined ? undefined : parseLock(text);
    const who =
      successor === undefined || successor.id === this.#held.record.id
        ? 'is not locked by this process any more: another process is taking it over, or somebody removed the lock'
        : `was taken over by process ${successor.pid} on ${successor.host} since ${successor.since}`;
    const error = new TtlArchiveError('LOCKED', `The archive folder ${who} (${escapeText(path)}).`, {
      remedy:
        'This process gave no sign of life for too long (suspended, or a disk that did not answer) and has stopped ' +
        'before it wrote anything more. Nothing is lost; run one watch on an archive folder at a time.',
    });
    this.#lost.abort(error);
    throw error;
  }
}

interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}
