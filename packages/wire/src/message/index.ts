export { type MessageToSeal, type OpenedMessage, openMessage, sealMessage } from './message.ts';
export { unwrapSharedConfig, wrapSharedConfig } from './shared-config.ts';
