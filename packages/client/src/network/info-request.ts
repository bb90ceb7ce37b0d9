import { utf8ToBytes } from '@sotto/wire/bytes';
import { buildInfo } from '@sotto/wire/rpc';

/** The one request that tests guards and paths: it names no account (onion-requests §4.2, §7.4). */
export const INFO_BODY: Uint8Array = utf8ToBytes(JSON.stringify(buildInfo()));
