import { utf8ToBytes } from '@sotto/wire/bytes';
import { ByteReader } from './byte-reader.ts';
import { badBackup } from './sealed-stream.ts';

const KINDS = ['manifest', 'database', 'file'] as const;
/** Kind (8 bits), bytes of the name (8 bits), bytes of the content (64 bits, big-endian). */
const PREFIX_BYTES = 10;
const PIECE_BYTES = 65_536;

/** What one part of a backup is. */
type EntryKind = (typeof KINDS)[number];

/** A part of a backup about to be written; `content` gives exactly `size` bytes. */
export interface NewEntry {
  readonly kind: EntryKind;
  readonly name: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A part of a backup that is being read; `content` is to be read before the next one is asked for. */
export interface Entry {
  readonly kind: EntryKind;
  readonly name: string;
  readonly size: number;
  readonly content: AsyncGenerator<Uint8Array, void, undefined>;
}

/** Parts, one after the other, as one stream. */
export async function* writeEntries(entries: AsyncIterable<NewEntry>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { kind, name, size, content } of entries) {
    const nameBytes = utf8ToBytes(name);
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt8(KINDS.indexOf(kind), 0);
    prefix.writeUInt8(nameBytes.length, 1);
    prefix.writeBigUInt64BE(BigInt(size), 2);
    yield prefix;
    yield nameBytes;
    let written = 0;
    for await (const piece of content) {
      written += piece.length;
      yield piece;
    }
    if (written !== size) throw new Error('a part of the backup changed while it was read');
  }
}

/** The parts of a stream. @throws EngineError `bad-backup` */
export async function* readEntries(source: AsyncIterable<Uint8Array>): AsyncGenerator<Entry, void, undefined> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const prefix = Buffer.from(await reader.read(PREFIX_BYTES));
      if (prefix.length === 0) return;
      if (prefix.length < PREFIX_BYTES) throw badBackup('the backup ends within a part');
      const kind = KINDS[prefix.readUInt8(0)];
      const size = Number(prefix.readBigUInt64BE(2));
      if (!kind || !Number.isSafeInteger(size)) throw badBackup('the backup has a part that is not known');
      const name = Buffer.from(await reader.read(prefix.readUInt8(1))).toString('utf8');
      const content = contentOf(reader, size);
      yield { kind, name, size, content };
      for await (const _ of content);
    }
  } finally {
    await reader.close();
  }
}

async function* contentOf(reader: ByteReader, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let rest = size; rest > 0; ) {
    const piece = await reader.read(Math.min(rest, PIECE_BYTES));
    if (piece.length === 0) throw badBackup('the backup ends within a part');
    rest -= piece.length;
    yield piece;
  }
}
