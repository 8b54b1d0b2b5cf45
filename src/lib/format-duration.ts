/** Milliseconds in words short enough for a status line: `850ms`, `12s`, `3m 20s`, `2h 5m`, `4d 1h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  const [big, bigUnit, small, smallUnit] =
    seconds < 3600
      ? ([Math.floor(seconds / 60), 'm', seconds % 60, 's'] as const)
      : seconds < 86_400
        ? ([Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'm'] as const)
        : ([Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h'] as const);
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit} ${small}${smallUnit}`;
}
