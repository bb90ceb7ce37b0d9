export type { ZmtpConnection, ZmtpEvent, ZmtpReceived } from './connection.ts';
export type { ZmtpLimits } from './limits.ts';
export type { Peer as ZmtpPeer } from './mechanism.ts';
export type { ZmtpMetadata } from './metadata.ts';
export { dialCurve, dialNull, listenCurve, listenNull } from './open.ts';
