import { InvalidArgumentError } from 'commander';

const BYTES: Readonly<Record<string, number>> = { '': 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** A parser of whole numbers from `min` to `max`. It throws commander's InvalidArgumentError. */
export function parseInteger(min: number, max = 1_000_000_000): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

/** Parses `512KB`, `64MB`, `1GB` (of 1024) or a bare number of bytes, at least 1. Throws commander's InvalidArgumentError. */
export function parseBytes(text: string): number {
  const match = /^(\d+)(KB|MB|GB)?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (BYTES[match?.[2]?.toUpperCase() ?? ''] ?? Number.NaN);
  if (!(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new InvalidArgumentError('Give a size like 512KB, 64MB or 1GB; a bare number is bytes.');
  }
  return bytes;
}

/** Parses a share like `5%`, `0.5%` or a bare number of percent, above 0 and at most 100. Throws commander's InvalidArgumentError. */
export function parsePercent(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text.trim())?.[1] ?? Number.NaN);
  if (percent > 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('Give a share like 5% or 0.5%, at most 100%.');
}

/** `512 B`, `1.5 KB`, `64 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const unit = bytes < 2 ** 20 ? 'KB' : bytes < 2 ** 30 ? 'MB' : 'GB';
  const value = bytes / (BYTES[unit] ?? 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `1,204`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 item`, `1,000 items`, `2 batches`. */
export function counted(count: number, noun: string): string {
  const ending = count === 1 ? '' : noun.endsWith('ch') ? 'es' : 's';
  return `${formatCount(count)} ${noun}${ending}`;
}
