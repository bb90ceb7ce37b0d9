import type { Settings } from '../../engine/connection.ts';

type ProxySetting = NonNullable<Settings['proxy']>;

/** A proxy as it is being typed. */
export interface ProxyDraft {
  readonly kind: 'none' | ProxySetting['kind'];
  readonly host: string;
  readonly port: string;
  readonly username: string;
  readonly password: string;
}

/** What is wrong with a draft; all but the last are named after the field. */
export type ProxyMistake = 'host' | 'port' | 'username' | 'password' | 'noUsername';

export const PROXY_KINDS = ['none', 'socks5', 'http'] as const satisfies readonly ProxyDraft['kind'][];
const USUAL_PORTS: Readonly<Record<ProxyDraft['kind'], string>> = { none: '', socks5: '9050', http: '8080' };
/** Of a name and of a password, in bytes. */
const LONGEST_LOGIN = 255;

/** The fields as they stand for a setting; without one they offer what runs on this computer. */
export function draftOf(proxy: Settings['proxy']): ProxyDraft {
  if (proxy === null) return { kind: 'none', host: '127.0.0.1', port: '', username: '', password: '' };
  const { kind, host, port, username = '', password = '' } = proxy;
  return { kind, host, port: String(port), username, password };
}

/** Another kind of proxy, with its usual port unless another one was typed. */
export function ofKind(draft: ProxyDraft, kind: ProxyDraft['kind']): ProxyDraft {
  const untouched = draft.port === '' || draft.port === USUAL_PORTS[draft.kind];
  return { ...draft, kind, port: untouched ? USUAL_PORTS[kind] : draft.port };
}

/** The setting that a draft stands for, or the first mistake in it. */
export function readDraft(
  draft: ProxyDraft,
): { readonly proxy: Settings['proxy'] } | { readonly mistake: ProxyMistake } {
  const { kind, username, password } = draft;
  if (kind === 'none') return { proxy: null };
  const host = draft.host.trim().replace(/^\[(.*)\]$/, '$1');
  const port = /^\d{1,5}$/.test(draft.port.trim()) ? Number(draft.port) : 0;
  if (!isHost(host)) return { mistake: 'host' };
  if (port < 1 || port > 65_535) return { mistake: 'port' };
  if (!isLogin(username) || (kind === 'http' && username.includes(':'))) return { mistake: 'username' };
  if (!isLogin(password)) return { mistake: 'password' };
  if (username === '' && password !== '') return { mistake: 'noUsername' };
  return { proxy: { kind, host, port, ...(username === '' ? {} : { username, password }) } };
}

/** A name or an IPv4 address, or an IPv6 address, which alone has colons. */
function isHost(text: string): boolean {
  return /^[^\s/@?#:]{1,253}$/.test(text) || /^[0-9a-f]{0,4}(:[0-9a-f.]*){2,8}(%\w+)?$/i.test(text);
}

function isLogin(text: string): boolean {
  return new TextEncoder().encode(text).length <= LONGEST_LOGIN && !/\p{Cc}/u.test(text);
}
