// What the file system takes by itself: files of about an item's size, synced, then renamed, so many at a time.
import { mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';

const [out, count, concurrency] = process.argv.slice(2);
mkdirSync(`${out}/tmp`, { recursive: true });
let next = 0;
const work = async () => {
  while (next < Number(count)) {
    const number = next++;
    const file = await open(`${out}/tmp/${number}`, 'wx', 0o600);
    await file.write(`{"PK":{"S":"bench-${number}"},"data":{"S":"${'x'.repeat(220)}"}}\n`);
    await file.datasync();
    await file.close();
    await rename(
      `${out}/tmp/${number}`,
      `${out}/1795446313-bench-${number}-000000000000000000001-0123456789abcdef.json`,
    );
  }
};
await Promise.all(Array.from({ length: Number(concurrency) }, work));
