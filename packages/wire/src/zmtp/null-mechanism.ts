import { WireError } from '../errors.ts';
import { type Command, encodeCommandFrame, encodeRefusal } from './command.ts';
import { COMMAND, type Frame, frameHeaderSize, MORE, writeFrameHeader } from './frame.ts';
import type { Admit, HandshakeStep, Mechanism, Part, Session } from './mechanism.ts';
import { decodeMetadata } from './metadata.ts';

/** No encryption and no proof of who the peer is (node-network §3.3); both sides do the same. */
export class NullMechanism implements Mechanism {
  readonly name = 'NULL';
  readonly asServer = false;
  readonly #metadata: Uint8Array;
  readonly #admit: Admit;

  constructor(metadata: Uint8Array, admit: Admit) {
    this.#metadata = metadata;
    this.#admit = admit;
  }

  begin(): Uint8Array {
    return encodeCommandFrame('READY', this.#metadata);
  }

  next(command: Command): HandshakeStep {
    if (command.name !== 'READY') throw new WireError('zmtp', 'expected READY');
    const peer = { key: null, metadata: decodeMetadata(command.data) };
    if (!this.#admit(peer)) return { output: encodeRefusal('400'), refused: true };
    return { established: { peer, session: plainSession } };
  }

  close(): void {}
}

const plainSession: Session = {
  overhead: 0,

  sealMessage(parts) {
    let size = 0;
    for (const part of parts) size += frameHeaderSize(part.length) + part.length;
    const frames = new Uint8Array(size);
    let offset = 0;
    parts.forEach((part, index) => {
      const flags = index < parts.length - 1 ? MORE : 0;
      offset = writeFrameHeader(frames, offset, flags, part.length);
      frames.set(part, offset);
      offset += part.length;
    });
    return frames;
  },

  sealCommand(body) {
    const frame = new Uint8Array(frameHeaderSize(body.length) + body.length);
    frame.set(body, writeFrameHeader(frame, 0, COMMAND, body.length));
    return frame;
  },

  open({ flags, body }: Frame): Part {
    return { more: (flags & MORE) !== 0, command: (flags & COMMAND) !== 0, body: new Uint8Array(body) };
  },

  close() {},
};
