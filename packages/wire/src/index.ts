export { WireError, type WireErrorCode } from './errors.ts';
