export * from './engine.ts';
export { httpsTransport } from './network/https-transport.ts';
export type { Timings } from './network/timings.ts';
export type { HttpAnswer, HttpLimits, Transport, TransportFailure } from './network/transport.ts';
export { TransportError } from './network/transport.ts';
export type { Polling, ProfileOptions } from './profile/options.ts';
export { createProfile, openProfile, profileState, restoreProfile, setPassphrase } from './profile/profiles.ts';
export type { Clock, Logger } from './surroundings.ts';
