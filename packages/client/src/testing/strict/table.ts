/** What a field may hold. A table is a nested message. */
type Kind = 'number' | 'fixed64' | 'text' | 'bytes' | Table;

/** One field: `1` must be there once, `?` may be there once, `*` any number of times. */
export type Field = readonly [name: string, count: '1' | '?' | '*', kind: Kind];

/** The fields of one protobuf message that a sender of today may write, by their numbers (messages §2.1, §3). */
export interface Table {
  readonly name: string;
  readonly fields: Readonly<Record<number, Field>>;
}

/** Fields by name: bigint, string, bytes or again fields; lists of them for repeated ones. */
export interface Fields {
  readonly [name: string]: bigint | string | Uint8Array | Fields | readonly unknown[] | undefined;
}

const WIRE_TYPE = { number: 0, fixed64: 1, text: 2, bytes: 2 } as const;

/** Reads a message and takes nothing but what the table says. @throws Error that says what is wrong. */
export function readTable(table: Table, bytes: Uint8Array): Fields {
  const reader = new Reader(bytes);
  const read: Record<string, unknown> = {};
  while (!reader.isDone) {
    const tag = reader.varint();
    const number = Number(tag >> 3n);
    const field = table.fields[number];
    if (!field) throw new Error(`${table.name} has no field ${number}`);
    const [name, count, kind] = field;
    const wireType = typeof kind === 'string' ? WIRE_TYPE[kind] : 2;
    if (Number(tag & 7n) !== wireType) throw new Error(`${table.name}.${name} has wire type ${tag & 7n}`);
    const value = readValue(reader, kind);
    if (count === '*') read[name] = [...((read[name] as unknown[] | undefined) ?? []), value];
    else if (name in read) throw new Error(`${table.name}.${name} is there twice`);
    else read[name] = value;
  }
  for (const [name, count] of Object.values(table.fields)) {
    if (count === '1' && !(name in read)) throw new Error(`${table.name}.${name} is missing`);
  }
  return read as Fields;
}

function readValue(reader: Reader, kind: Kind): unknown {
  if (kind === 'number') return reader.varint();
  if (kind === 'fixed64') return reader.fixed64();
  const bytes = reader.bytes(Number(reader.varint()));
  if (kind === 'bytes') return bytes;
  return kind === 'text' ? new TextDecoder('utf-8', { fatal: true }).decode(bytes) : readTable(kind, bytes);
}

class Reader {
  readonly #bytes: Uint8Array;
  #place = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#place === this.#bytes.length;
  }

  /** The shortest form only. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0n) throw new Error('a number is longer than it need be');
      return value;
    }
    throw new Error('a number does not end');
  }

  fixed64(): bigint {
    const bytes = this.bytes(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }

  bytes(length: number): Uint8Array {
    if (this.#place + length > this.#bytes.length) throw new Error('the bytes end too early');
    this.#place += length;
    return this.#bytes.subarray(this.#place - length, this.#place);
  }
}
