import type { Command } from './command.ts';
import type { Frame } from './frame.ts';
import type { MechanismName } from './greeting.ts';
import type { ZmtpMetadata } from './metadata.ts';

/** Who is at the other end, once the handshake is over. */
export interface Peer {
  /** The X25519 key that the peer proved to own; null under NULL. */
  readonly key: Uint8Array | null;
  readonly metadata: ZmtpMetadata;
}

/** A listener's decision who may come in. */
export type Admit = (peer: Peer) => boolean;

/** The content of one frame of traffic. */
export interface Part {
  readonly more: boolean;
  readonly command: boolean;
  readonly body: Uint8Array;
}

/** Turns traffic into frames and back after the handshake. */
export interface Session {
  /** Bytes of frame body that a part needs besides its own. */
  readonly overhead: number;
  /** All frames of a message in one array. */
  sealMessage(parts: readonly Uint8Array[]): Uint8Array;
  /** A command's frame; `body` as decodeCommandBody reads it. */
  sealCommand(body: Uint8Array): Uint8Array;
  /** The part in a frame; not a view of the frame, but for the moment only (see `allocate`). @throws WireError `zmtp` if it is forged, repeated or malformed. */
  open(frame: Frame): Part;
  /** Forgets the keys. */
  close(): void;
}

/** What a step of the handshake leads to. */
export interface HandshakeStep {
  /** A frame to send. */
  readonly output?: Uint8Array;
  /** Set when the handshake is over. */
  readonly established?: { readonly peer: Peer; readonly session: Session };
  /** The peer was not admitted: send the output and close. */
  readonly refused?: boolean;
}

/** One side's handshake, after the greetings. */
export interface Mechanism {
  readonly name: MechanismName;
  /** Does the greeting call this side the server? */
  readonly asServer: boolean;
  /** The frame to send as soon as the peer's greeting is known to fit, if this side begins. */
  begin(): Uint8Array | null;
  /** Takes the peer's next command. @throws WireError if it is not what the handshake needs. */
  next(command: Command): HandshakeStep;
  /** Forgets the secrets of an unfinished handshake. */
  close(): void;
}
