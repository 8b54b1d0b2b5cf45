/** Items of one kind, and the images of them that the stream carries. */
export interface Shape {
  readonly name: string;
  readonly viewType: 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
  readonly itemAt: (number: number) => Readonly<Record<string, object>>;
}

/** The key of an item: all shapes have the same. */
export function keyAt(number: number): { readonly PK: { readonly S: string } } {
  return { PK: { S: `bench-${String(number).padStart(9, '0')}` } };
}

const TTL = { N: '1795446313' };

/** A record that carries the item once is about 600 bytes of JSON. */
export const USUAL: Shape = {
  name: '600 bytes, both images',
  viewType: 'NEW_AND_OLD_IMAGES',
  itemAt: (number) => ({
    ...keyAt(number),
    ttl: TTL,
    customer: { S: `customer-${number % 1000}` },
    amount: { N: String(number / 100) },
    data: { S: 'x'.repeat(120) },
  }),
};

const SMALL: Shape = {
  name: 'small and flat, OLD_IMAGE',
  viewType: 'OLD_IMAGE',
  itemAt: (number) => ({
    ...keyAt(number),
    ttl: TTL,
    user: { S: `user-${number % 1000}` },
    visits: { N: String(number % 97) },
  }),
};

/** 4 KB: maps in lists, sets, binary, and text whose characters take two to four bytes. */
const NESTED: Shape = {
  name: '4 KB, nested, sets, binary, non-ASCII',
  viewType: 'OLD_IMAGE',
  itemAt: (number) => ({
    ...keyAt(number),
    ttl: TTL,
    title: { S: `Überschrift ${number} – 標題 🗄️ "quoted"\n` },
    tags: { SS: ['grün', 'bläulich', 'été', `n-${number % 10}`] },
    scores: { NS: ['1.5', '-20', '3.14159265358979'] },
    thumbnail: { B: Buffer.alloc(1200, number % 251).toString('base64') },
    chunks: { BS: [Buffer.alloc(90, 255).toString('base64'), Buffer.alloc(90, number % 251).toString('base64')] },
    lines: {
      L: Array.from({ length: 10 }, (_, line) => ({
        M: {
          sku: { S: `sku-${(number * 7 + line) % 5000}` },
          name: { S: 'Käse, naïve café – 乾酪' },
          price: { N: `${line}.99` },
          gift: { BOOL: line % 2 === 0 },
          note: { NULL: true },
        },
      })),
    },
  }),
};

export const SHAPES: readonly Shape[] = [SMALL, USUAL, NESTED];
