import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/**
 * Headers of every answer: the page runs only its own scripts and styles, talks only to this host,
 * cannot be framed, and tells nobody where it is. The camera is for scanning QR codes, the microphone for voice messages.
 */
export const SECURITY_HEADERS: OutgoingHttpHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    'media-src blob:',
    "font-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(self), microphone=(self), geolocation=(), display-capture=(), usb=(), payment=()',
};

/**
 * Whether the request was addressed to this host by its own name. A page elsewhere that points its own
 * host name at 127.0.0.1 (DNS rebinding) carries that name here and is refused.
 */
export function isOwnHost(request: IncomingMessage, port: number): boolean {
  return ownHosts(port).includes(request.headers.host ?? '');
}

/**
 * Whether a script asks, and it is a script of our own page: the same origin as the host it addresses.
 * `Origin` alone decides, which no page can forge: browsers do not agree on `Sec-Fetch-Site` for WebSockets.
 */
export function isOwnOrigin(request: IncomingMessage, port: number): boolean {
  return isOwnHost(request, port) && request.headers.origin === `http://${request.headers.host}`;
}

/** The cookie's name. It holds the port because browsers share cookies among all ports of a host name. */
function cookieName(port: number): string {
  return `sotto-${port}`;
}

/** A `Set-Cookie` value that only this browser's own requests carry, until the browser closes. */
export function sessionCookie(port: number, value: string): string {
  return `${cookieName(port)}=${value}; Path=/; HttpOnly; SameSite=Strict`;
}

/** The session cookie of a request, `null` if it has none. */
export function readSessionCookie(request: IncomingMessage, port: number): string | null {
  const prefix = `${cookieName(port)}=`;
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const pair = part.trim();
    if (pair.startsWith(prefix)) return pair.slice(prefix.length);
  }
  return null;
}

function ownHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}
