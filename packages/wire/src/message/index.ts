export { type MessageToSeal, type OpenedMessage, openMessage, sealMessage } from './message.ts';
