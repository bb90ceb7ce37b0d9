import type { ProxySetting } from '@sotto/client';
import type { Argv } from 'yargs';
import { CommandFailure } from './failure.ts';

const NO_PROXY = '--proxy takes socks5://HOST:PORT or http://HOST:PORT.';

/** The option of a command that makes a profile. */
export interface ProxyArguments {
  readonly proxy: string | undefined;
}

/** Adds the option of {@link ProxyArguments} to a command. */
export function withProxyOption<T>(parser: Argv<T>): Argv<T & ProxyArguments> {
  return parser.option('proxy', {
    type: 'string',
    requiresArg: true,
    describe: 'Connect only through this proxy: socks5://HOST:PORT or http://HOST:PORT',
  }) as unknown as Argv<T & ProxyArguments>;
}

/**
 * The proxy that the option names, `undefined` without one. Its password comes from SOTTO_PROXY_PASSWORD: other users of
 * the machine can see command lines. @throws CommandFailure
 */
export function givenProxy(
  { proxy }: ProxyArguments,
  environment: NodeJS.ProcessEnv = process.env,
): ProxySetting | undefined {
  if (proxy === undefined) return undefined;
  const parts = /^(socks5|http):\/\/(?:([^\s:/@?#]+)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:/@?#[\]]+):(\d{1,5})\/?$/.exec(proxy);
  if (parts === null) {
    const hint = proxy.includes('@')
      ? ' USER@ may stand before HOST; the password belongs in SOTTO_PROXY_PASSWORD.'
      : '';
    throw new CommandFailure(`${NO_PROXY}${hint}`, 2);
  }
  const [, kind, username, host, port] = parts;
  const password = environment.SOTTO_PROXY_PASSWORD ?? '';
  return {
    kind: kind as ProxySetting['kind'],
    host: host!.replace(/^\[|\]$/g, ''),
    port: Number(port),
    ...(username === undefined ? {} : { username, password }),
  };
}
