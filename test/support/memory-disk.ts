import { posix } from 'node:path';
import { diskError } from '../../src/disk/disk-error.js';
import type { AppendFile, Disk, OwnFile, Random } from '../../src/ports/index.js';

/** The steps that a fault can hit; `replace` is the two steps `write` (of its temporary) and `rename`. */
export type DiskOperation =
  | 'makeDirectory'
  | 'list'
  | 'read'
  | 'readAt'
  | 'size'
  | 'write'
  | 'createExclusive'
  | 'overwrite'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'openAppend'
  | 'append'
  | 'sync'
  | 'truncate';

const SECTOR = 512;

const READING: ReadonlySet<DiskOperation> = new Set(['list', 'read', 'readAt', 'size']);

/** Gives the code of the error (`ENOSPC`, …) that the operation fails with, or undefined. */
export type FaultRule = (operation: DiskOperation, path: string) => string | undefined;

/** The process or the machine died here: no error that the code under test may handle. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

interface Inode {
  content: Buffer;
  /** What a power cut leaves for certain. */
  synced: Buffer;
}

/**
 * A disk in memory that knows what is durable (synced content, names in synced folders) and what is only visible.
 * `kill()` is the disk after the process died, `crash()` after a power cut: un-synced appended bytes are there up to
 * a random point, un-synced names are each there or not. Folders are durable at once, as nodeDisk makes them.
 */
export class MemoryDisk implements Disk {
  /** Steps so far that change the disk: what `stopAfter` counts. */
  mutations = 0;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #folders = new Set<string>(['/', '.']);
  #rule: FaultRule | undefined;
  #next: { operation: DiskOperation; code: string }[] = [];
  #stopAt = Number.POSITIVE_INFINITY;
  #random: Random = () => 0.5;
  #dead = false;

  /** The next such operation fails with this code. */
  failNext(operation: DiskOperation, code: string): void {
    this.#next.push({ operation, code });
  }

  /** Every operation for which the rule gives a code fails with it; undefined ends that. */
  failWhen(rule: FaultRule | undefined): void {
    this.#rule = rule;
  }

  /**
   * The n-th changing step from now on (1: the next) throws Crash, and so does everything after it. An append that is
   * hit may have written a part; any other step has done nothing.
   */
  stopAfter(mutations: number, random: Random = this.#random): void {
    this.#stopAt = this.mutations + mutations;
    this.#random = random;
  }

  /** The disk as the next process finds it after this one was killed; this one answers only Crash from now on. */
  kill(): MemoryDisk {
    const next = this.#successor();
    next.#names = new Map(copyInodes(this.#names, this.#durableNames, next.#durableNames));
    return next;
  }

  /**
   * The disk after a power cut; this one answers only Crash from now on. With `zeroSectors`, what was appended and not
   * synced is there with its length, and some of its sectors read as zeros.
   */
  crash({ random, zeroSectors = false }: { random: Random; zeroSectors?: boolean }): MemoryDisk {
    const next = this.#successor();
    const survivors = new Map<string, Inode>();
    const lost = new Map<Inode, string>();
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const visible = this.#names.get(path);
      const durable = this.#durableNames.get(path);
      const found = visible === durable || random() < 0.5 ? durable : visible;
      if (found !== undefined) survivors.set(path, found);
      if (durable !== undefined && found !== durable) lost.set(durable, path);
    }
    // A rename is one step on every file system: a file is under the old or the new name, never under neither.
    const reachable = new Set(survivors.values());
    const stillNamed = new Set(this.#names.values());
    for (const [inode, path] of lost) {
      if (stillNamed.has(inode) && !reachable.has(inode)) survivors.set(path, inode);
    }
    const copies = new Map<Inode, Inode>();
    for (const [path, inode] of survivors) {
      const copy = copies.get(inode) ?? afterPowerCut(inode, random, zeroSectors);
      copies.set(inode, copy);
      next.#names.set(path, copy);
      next.#durableNames.set(path, copy);
    }
    return next;
  }

  /** Paths of all files, sorted. */
  paths(): string[] {
    return [...this.#names.keys()].toSorted();
  }

  /** A file's bytes as they are visible now. */
  content(path: string) {
    return this.#names.get(posix.normalize(path))?.content;
  }

  /** Puts a durable file there, behind the back of the code under test; undefined removes it. */
  put(path: string, content: Uint8Array | string | undefined): void {
    const name = posix.normalize(path);
    this.#names.delete(name);
    this.#durableNames.delete(name);
    if (content === undefined) return;
    this.#addFolders(posix.dirname(name));
    const inode = { content: Buffer.from(content), synced: Buffer.from(content) };
    this.#names.set(name, inode);
    this.#durableNames.set(name, inode);
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#step('makeDirectory', path, (name) => {
      if (this.#names.has(name)) throw systemError('EEXIST');
      this.#checkParents(name);
      this.#addFolders(name);
    });
  }

  list(path: string): Promise<string[] | undefined> {
    return this.#step('list', path, (name) => {
      this.#checkParents(name);
      if (this.#names.has(name)) throw systemError('ENOTDIR');
      if (!this.#folders.has(name)) return undefined;
      const folders = [...this.#folders].filter((folder) => folder !== name).map((folder) => `${folder}/`);
      const prefix = name === '.' ? '' : name.endsWith('/') ? name : `${name}/`;
      return [...this.#names.keys(), ...folders]
        .filter((other) => other.startsWith(prefix) && !other.slice(prefix.length, -1).includes('/'))
        .map((other) => other.slice(prefix.length))
        .filter((other) => other !== '' && other !== '/' && other !== './')
        .toSorted();
    });
  }

  read(path: string, limit: number): ReturnType<Disk['read']> {
    return this.#step('read', path, (name) => {
      if (this.#folders.has(name)) throw systemError('EISDIR');
      this.#checkParents(name);
      const inode = this.#names.get(name);
      if (inode !== undefined && inode.content.length > limit) throw systemError('EFBIG');
      return inode === undefined ? undefined : Buffer.from(inode.content);
    });
  }

  readAt(path: string, position: number, length: number): Promise<Buffer> {
    return this.#step('readAt', path, (name) =>
      Buffer.from(this.#inode(name).content.subarray(position, position + length)),
    );
  }

  size(path: string): Promise<number | undefined> {
    return this.#step('size', path, (name) => {
      if (this.#folders.has(name)) throw systemError('EISDIR');
      this.#checkParents(name);
      return this.#names.get(name)?.content.length;
    });
  }

  async replace(path: string, temporary: string, content: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(content);
    const inode: Inode = { content: bytes, synced: bytes };
    try {
      await this.#step('write', temporary, (name) => this.#create(name, inode));
      await this.rename(temporary, path);
    } catch (error) {
      if (!this.#dead) await this.remove(temporary).catch(() => undefined);
      throw error;
    }
  }

  async createExclusive(path: string, content: string): Promise<OwnFile | undefined> {
    const inode = await this.#step('createExclusive', path, (name) => {
      if (this.#names.has(name) || this.#folders.has(name)) return undefined;
      const bytes = Buffer.from(content);
      const created: Inode = { content: bytes, synced: bytes };
      this.#create(name, created);
      return created;
    });
    if (inode === undefined) return undefined;
    return {
      overwrite: (text) =>
        this.#step('overwrite', path, () => {
          inode.content = Buffer.from(text);
          inode.synced = inode.content;
        }),
      isCurrent: () => this.#step('size', path, (name) => this.#names.get(name) === inode),
      close: async () => undefined,
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step('rename', to, (target) => {
      const inode = this.#inode(posix.normalize(from));
      this.#create(target, inode);
      this.#names.delete(posix.normalize(from));
    });
  }

  remove(path: string): Promise<boolean> {
    return this.#step('remove', path, (name) => {
      if (this.#folders.has(name)) throw systemError('EISDIR');
      this.#checkParents(name);
      return this.#names.delete(name);
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#step('syncDirectory', path, (folder) => {
      if (!this.#folders.has(folder)) throw systemError(this.#names.has(folder) ? 'ENOTDIR' : 'ENOENT');
      for (const name of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
        if (posix.dirname(name) !== folder) continue;
        const inode = this.#names.get(name);
        if (inode === undefined) this.#durableNames.delete(name);
        else this.#durableNames.set(name, inode);
      }
    });
  }

  async openAppend(path: string): Promise<AppendFile> {
    const inode = await this.#step('openAppend', path, (name) => {
      const found = this.#names.get(name) ?? { content: Buffer.alloc(0), synced: Buffer.alloc(0) };
      this.#create(name, found);
      return found;
    });
    let length = inode.content.length;
    const write = (bytes: Buffer): void => {
      inode.content = Buffer.concat([inode.content, bytes]);
    };
    return {
      get length() {
        return length;
      },
      isUntouched: () =>
        this.#step('size', path, (name) => this.#names.get(name) === inode && inode.content.length === length),
      append: async (content) => {
        const bytes = Buffer.from(content);
        const part = (share: number) => write(bytes.subarray(0, Math.floor(bytes.length * share)));
        await this.#step('append', path, () => write(bytes), part);
        length += bytes.length;
      },
      sync: () =>
        this.#step('sync', path, () => {
          inode.synced = inode.content;
        }),
      truncate: async (to) => {
        await this.#step('truncate', path, () => {
          inode.content = inode.content.subarray(0, to);
          inode.synced = inode.content;
        });
        length = to;
      },
      close: async () => undefined,
    };
  }

  /** One step: never synchronous, and the place where faults and crashes strike. `part` does a share of the work. */
  async #step<T>(
    operation: DiskOperation,
    path: string,
    act: (name: string) => T,
    part: (share: number) => void = () => undefined,
  ): Promise<T> {
    await Promise.resolve();
    if (this.#dead) throw new Crash(`${operation} ${path} after the crash`);
    if (!READING.has(operation) && ++this.mutations >= this.#stopAt) {
      this.#dead = true;
      part(this.#random());
      throw new Crash(`crash at ${operation} ${path}`);
    }
    const code = this.#fault(operation, path);
    try {
      if (code !== undefined) {
        part(0.5); // a full disk takes what still fits
        throw systemError(code);
      }
      return act(posix.normalize(path));
    } catch (error) {
      throw diskError(operation, path, error);
    }
  }

  #fault(operation: DiskOperation, path: string): string | undefined {
    const index = this.#next.findIndex((fault) => fault.operation === operation);
    return index >= 0 ? this.#next.splice(index, 1)[0]?.code : this.#rule?.(operation, path);
  }

  #successor(): MemoryDisk {
    this.#dead = true;
    const next = new MemoryDisk();
    next.#folders = new Set(this.#folders);
    return next;
  }

  #inode(name: string): Inode {
    this.#checkParents(name);
    const inode = this.#names.get(name);
    if (inode === undefined) throw systemError(this.#folders.has(name) ? 'EISDIR' : 'ENOENT');
    return inode;
  }

  #create(name: string, inode: Inode): void {
    this.#checkParents(name);
    if (this.#folders.has(name)) throw systemError('EISDIR');
    if (!this.#folders.has(posix.dirname(name))) throw systemError('ENOENT');
    this.#names.set(name, inode);
  }

  #checkParents(name: string): void {
    for (let parent = posix.dirname(name); parent !== posix.dirname(parent); parent = posix.dirname(parent)) {
      if (this.#names.has(parent)) throw systemError('ENOTDIR');
    }
  }

  #addFolders(path: string): void {
    for (let name = path; !this.#folders.has(name); name = posix.dirname(name)) this.#folders.add(name);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Copies visible files for `kill`: content and what of it is durable stay as they are. */
function* copyInodes(
  names: ReadonlyMap<string, Inode>,
  durableNames: ReadonlyMap<string, Inode>,
  durableCopies: Map<string, Inode>,
): Generator<[string, Inode]> {
  const copies = new Map<Inode, Inode>();
  const copyOf = (inode: Inode): Inode => {
    const copy = copies.get(inode) ?? { ...inode };
    copies.set(inode, copy);
    return copy;
  };
  for (const [path, inode] of durableNames) durableCopies.set(path, copyOf(inode));
  for (const [path, inode] of names) yield [path, copyOf(inode)];
}

function afterPowerCut(inode: Inode, random: Random, zeroSectors: boolean): Inode {
  const added = inode.content.length - inode.synced.length;
  const kept =
    added <= 0 ? inode.synced : inode.content.subarray(0, inode.synced.length + Math.floor(random() * (added + 1)));
  const content = zeroSectors && added > 0 ? withZeroedSectors(inode, random) : kept;
  return { content, synced: content };
}

/** The file has its length, and each sector that was not synced may never have been written. */
function withZeroedSectors({ content, synced }: Inode, random: Random): Buffer {
  const left = Buffer.from(content);
  for (let start = synced.length; start < left.length; ) {
    const end = Math.min((Math.floor(start / SECTOR) + 1) * SECTOR, left.length);
    if (random() < 0.3) left.fill(0, start, end);
    start = end;
  }
  return left;
}
