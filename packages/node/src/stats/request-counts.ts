/** What is counted of clients' requests. */
export type RequestKind = 'store' | 'retrieve' | 'onion' | 'proxy';

const WINDOW_MS = 600_000;
/** Windows that are kept besides the one that runs; together about an hour (storage-rpc §11). */
const WINDOWS = 6;

type Counts = Record<RequestKind, number>;

/** Counts requests since the start and over about the last hour. Times are ms of a clock that never goes back. */
export class RequestCounts {
  readonly #startedAt: number;
  readonly #total = noCounts();
  #current = noCounts();
  #since: number;
  #windows: { readonly counts: Counts; readonly length: number }[] = [];

  constructor(now: number) {
    this.#startedAt = now;
    this.#since = now;
  }

  add(kind: RequestKind): void {
    this.#total[kind]++;
    this.#current[kind]++;
  }

  /** Begins another window if the one that runs is full; to be called now and then. */
  turn(now: number): void {
    if (now - this.#since < WINDOW_MS) return;
    this.#windows = [...this.#windows, { counts: this.#current, length: now - this.#since }].slice(-WINDOWS);
    this.#current = noCounts();
    this.#since = now;
  }

  /** Members of `service.get_stats`. */
  report(now: number): Readonly<Record<string, number>> {
    const recent = [...this.#windows, { counts: this.#current, length: now - this.#since }];
    const span = recent.reduce((sum, { length }) => sum + length, 0);
    const kinds = Object.keys(this.#total) as RequestKind[];
    return {
      uptime: Math.round((now - this.#startedAt) / 1000),
      ...Object.fromEntries(kinds.map((kind) => [`total_${kind}_requests`, this.#total[kind]])),
      recent_timespan: Math.round(span / 1000),
      ...Object.fromEntries(
        kinds.map((kind) => [`recent_${kind}_requests`, recent.reduce((sum, { counts }) => sum + counts[kind], 0)]),
      ),
    };
  }
}

function noCounts(): Counts {
  return { store: 0, retrieve: 0, onion: 0, proxy: 0 };
}
