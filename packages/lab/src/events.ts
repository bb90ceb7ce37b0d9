/** What happens to a running network, for logs and programs; `node` counts from 0. */
export type NetworkEvent =
  | { readonly event: 'node-ready'; readonly node: number; readonly pid: number }
  /** A node's process ended though nobody asked it to; `code` or `signal` says how. */
  | {
      readonly event: 'node-exited';
      readonly node: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    }
  /** It is started again after this many ms. */
  | { readonly event: 'node-restarting'; readonly node: number; readonly delay: number }
  | { readonly event: 'node-restart-failed'; readonly node: number; readonly reason: string }
  /** The same of a file server; `server` counts from 0. */
  | { readonly event: 'file-server-ready'; readonly server: number; readonly pid: number }
  | {
      readonly event: 'file-server-exited';
      readonly server: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    }
  | { readonly event: 'file-server-restarting'; readonly server: number; readonly delay: number }
  | { readonly event: 'file-server-restart-failed'; readonly server: number; readonly reason: string }
  /** The authority could not publish; the previous directory stays. */
  | { readonly event: 'round-failed'; readonly reason: string };

/** Receives events as they happen; must not throw. */
export type NetworkLog = (event: NetworkEvent) => void;
