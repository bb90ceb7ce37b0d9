export { NO_NAMES_TEXT, type OnsValue, onsNameHash, openOnsValue, readOnsName, readOnsReply } from './ons.ts';
