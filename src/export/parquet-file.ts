import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { AppendFile } from '../ports/index.js';
import type { Column, ExportedItem } from './columns.js';

/** A row group ends at so many rows, or so many characters of text. It is what is held in memory. */
const MAX_ROWS = 20_000;
const MAX_TEXT = 16 * 1024 * 1024;

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

/** Writes items as a Parquet file, one row group after the other. Memory does not grow with their number. */
export class ParquetFile {
  readonly #file: AppendFile;
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #rows: ExportedItem[] = [];
  #text = 0;

  constructor(file: AppendFile, columns: readonly Column[]) {
    this.#file = file;
    this.#columns = columns;
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema: schemaOf(columns), createdBy: 'ttl-archive' });
  }

  async add(item: ExportedItem): Promise<void> {
    this.#rows.push(item);
    this.#text += (item.text?.length ?? 0) + JSON.stringify(item.entry.Keys).length;
    if (this.#rows.length >= MAX_ROWS || this.#text >= MAX_TEXT) await this.#writeGroup();
  }

  /** Writes the rest and the footer, durably. */
  async finish(): Promise<void> {
    if (this.#rows.length > 0) await this.#writeGroup();
    await this.#writer.finish();
    await this.#flush();
    await this.#file.sync();
  }

  async #writeGroup(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    this.#text = 0;
    // An offset index is kept in memory for every page until the end.
    const columnData = this.#columns.map(({ name, cell }) => ({ name, data: rows.map(cell), offsetIndex: false }));
    await this.#writer.write({ columnData, rowGroupSize: rows.length });
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = this.#bytes.getBytes();
    // The writer counts on in `offset`, and uses the buffer again.
    this.#bytes.index = 0;
    await this.#file.append(Buffer.from(bytes));
  }
}

function schemaOf(columns: readonly Column[]): Schema {
  const elements = columns.map(({ name, type }): Schema[number] => {
    const element = { name, repetition_type: 'OPTIONAL' } as const;
    if (type === 'STRING') return { ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    if (type === 'TIMESTAMP') return { ...element, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
    return { ...element, type };
  });
  return [{ name: 'root', num_children: elements.length }, ...elements];
}
