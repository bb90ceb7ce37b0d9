import { EngineError, type ProxySetting } from '../engine.ts';

/** Of a SOCKS5 login, bytes of UTF-8 (RFC 1929 §2); an HTTP proxy takes no more from us either. */
const LONGEST_FIELD = 255;
const HOST = /^[^\s/@?#]{1,253}$/;
// A line break would let a password speak for us.
const CONTROLS = /[\p{Cc}]/u;

/** @throws EngineError `bad-setting` if this cannot be a proxy. */
export function checkProxy({ kind, host, port, username, password }: ProxySetting): void {
  const isLogin = (text: string | undefined) =>
    text === undefined || (Buffer.byteLength(text) <= LONGEST_FIELD && !CONTROLS.test(text));
  const isGood =
    (kind === 'socks5' || kind === 'http') &&
    HOST.test(host) &&
    Number.isInteger(port) &&
    port >= 1 &&
    port <= 65_535 &&
    isLogin(username) &&
    isLogin(password) &&
    // Where the name of a user ends, the password begins.
    !(kind === 'http' && username?.includes(':'));
  if (!isGood) throw new EngineError('bad-setting', 'there can be no such proxy');
}
