/** What a connection accepts and sends at most; whoever exceeds it is cut off. */
export interface ZmtpLimits {
  /** Bytes of a frame's body on the wire; what storage nodes use is the default (node-network §4.1). */
  readonly frameBytes: number;
  /** Parts of one message. */
  readonly parts: number;
  /** Bytes of all parts of one message. */
  readonly messageBytes: number;
}

export const DEFAULT_LIMITS: ZmtpLimits = { frameBytes: 10_485_760, parts: 256, messageBytes: 16_777_216 };

/** The largest command of a handshake is INITIATE, some 370 bytes with the properties that the network sends. */
export const HANDSHAKE_FRAME_BYTES = 4096;
