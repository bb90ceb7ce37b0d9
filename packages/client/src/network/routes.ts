import { runTogether } from '../run-together.ts';
import { jittered, randomBelow, shuffled, timeUntil } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import { type ExchangeParts, exchange, type Outcome } from './exchange.ts';
import { GUARD_COUNT, type GuardShortage, type Guards } from './guards.ts';
import { INFO_BODY } from './info-request.ts';
import type { NodePool } from './node-pool.ts';
import { Path } from './path.ts';
import { areTooClose, type Relay } from './relay.ts';
import type { Strikes } from './strikes.ts';
import type { Timings } from './timings.ts';

const ROTATION_JITTER = 0.2;
const PAUSE_JITTER = 0.2;
/** Paths over one guard that are tried before the guard itself is doubted. */
const BUILD_ATTEMPTS = 3;
/** So often may paths over a guard be lost, or not come about, within an hour before the guard itself is doubted … */
const MOST_LOSSES = 4;
/** … if that is this many times as often as over the other guards, who suffer alike from a bad network. */
const LOSS_RATIO = 3;
const HOUR_MS = 3_600_000;
/** Destinations asked to find out whether a path works: one of them may be down itself. */
const PROBES = 2;
/** A node that answered within this time is a good one to probe with. */
const GOOD_FOR_MS = 600_000;
/** A destination that answers elsewhere within this time after it was blamed speaks against the path. */
const CONTRADICTION_MS = 60_000;
const MOST_CONTRADICTIONS = 3;
/** So many destinations must contradict a path: one alone could choose our exits by whom it answers. */
const LEAST_WITNESSES = 2;
/** A path that could not be renewed is kept this much longer. */
const RENEW_AGAIN_MS = 60_000;
const STRUCK_OUT = 3;

/** What routes are built with. */
export interface RouteParts extends ExchangeParts {
  readonly pool: NodePool;
  readonly guards: Guards;
  readonly strikes: Strikes;
  readonly timings: Timings;
  /** Calls back for every authentic answer of a probe, which tells the time. */
  readonly onReply: (outcome: Extract<Outcome, { kind: 'reply' }>) => void;
}

/** Whether requests can leave. */
export type RouteState = 'connecting' | 'connected' | 'offline';

/**
 * Keeps one path per guard standing, and finds out who is to blame when a request fails. An answer from the way is not
 * authenticated, and one from the far end may be a lie, so a failure alone convicts nobody: the path is probed with other
 * destinations. If it carries those, the destination is struck, and neither path nor guard.
 */
export class Routes {
  readonly #parts: RouteParts;
  readonly #paths: (Path | null)[] = Array<Path | null>(GUARD_COUNT).fill(null);
  readonly #shortages: (GuardShortage | null)[] = Array<GuardShortage | null>(GUARD_COUNT).fill(null);
  readonly #wakeUps = Array.from({ length: GUARD_COUNT }, () => new WakeUp());
  /** When paths over the guard of each place were lost, ms. */
  readonly #losses: number[][] = Array.from({ length: GUARD_COUNT }, () => []);
  readonly #lastGood = new Map<string, number>();
  readonly #blamed = new Map<string, { readonly path: Path; readonly at: number }>();
  readonly #listeners = new Set<() => void>();
  #apart: Path | null = null;

  constructor(parts: RouteParts) {
    this.#parts = parts;
  }

  /** The paths that stand. */
  current(): Path[] {
    return this.#paths.filter((path) => path !== null);
  }

  state(): RouteState {
    if (this.current().length > 0) return 'connected';
    return this.#shortages.every((shortage) => shortage !== null && shortage !== 'no-nodes') ? 'offline' : 'connecting';
  }

  /** Has this machine no network, as far as its own errors tell? */
  isOffline(): boolean {
    return this.current().length === 0 && this.#shortages.some((shortage) => shortage === 'offline');
  }

  /** Calls `listener` when a path comes or goes or the state changes. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Other nodes are known; whoever waits for some looks again. */
  refresh(): void {
    for (const wakeUp of this.#wakeUps) wakeUp.call();
  }

  /** Keeps the paths until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await runTogether(
      signal,
      this.#paths.map((_, place) => (both) => this.#keep(place, both)),
    );
  }

  /**
   * A path that does not touch the destination, at random among those that stand; a new one over a standing guard if
   * every path touches it. `null` if there is none.
   */
  choose(destination: Relay): Path | null {
    const { pool, random } = this.#parts;
    const free = this.current().filter(
      (path) => !path.isCut && path.relays.every((relay) => !areTooClose(relay, destination, pool.oneSite)),
    );
    const trusted = free.filter((path) => !path.isSuspect);
    const candidates = trusted.length > 0 ? trusted : free;
    if (candidates.length > 0) return candidates[randomBelow(candidates.length, random)]!;
    for (const { guard } of this.current()) {
      if (areTooClose(guard, destination, pool.oneSite)) continue;
      const path = this.#draw(guard, [destination], []);
      if (path) return path;
    }
    return null;
  }

  /**
   * The path for requests that nodes hold for long: over one of our guards, with relays of its own as far as the network
   * allows, and kept as the others are. `null` if there is none.
   */
  chooseApart(destination: Relay): Path | null {
    const { pool, clock, timings } = this.#parts;
    const isFree = (relays: readonly Relay[]) =>
      relays.every((relay) => !areTooClose(relay, destination, pool.oneSite) && pool.get(relay.key) !== null);
    const kept = this.#apart;
    if (kept && isFree(kept.relays) && timeUntil(kept.rotateAt, 2 * timings.rotation, clock) > 0) return kept;
    this.#apart = this.#drawBeside([destination]);
    return this.#apart;
  }

  /** The path apart did not bring an answer: the next one is another. */
  dropApart(path: Path): void {
    if (this.#apart === path) this.#apart = null;
  }

  /**
   * A new path for requests to servers, over one of our guards and with relays of its own as far as the network allows,
   * so that their exit is not the one of our mailbox (onion-requests §7.4, 4). Nobody has tried it yet. `null` if there
   * is none.
   */
  drawForServers(): Path | null {
    return this.#drawBeside([]);
  }

  /** A request came through: nobody on its way deserves a strike. */
  succeeded(path: Path, destination: Relay): void {
    const { strikes, clock } = this.#parts;
    for (const relay of [...path.relays, destination]) strikes.clear(relay.key);
    this.#lastGood.set(destination.key, clock.now());
    const blame = this.#blamed.get(destination.key);
    if (!blame) return;
    this.#blamed.delete(destination.key);
    if (blame.path === path || clock.now() - blame.at > CONTRADICTION_MS) return;
    blame.path.contradictions.push(destination.key);
    this.#examine(blame.path);
  }

  /** A request failed on its way or at its end; who is to blame is found out beside. */
  failed(path: Path, destination: Relay, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'reply':
      case 'stopped':
        return;
      case 'offline':
      case 'guard-unreachable':
        path.isCut = true;
        break;
      case 'verdict':
        path.hint = outcome.verdict;
        path.accusers.set(destination.key, destination);
        break;
      default:
        path.accusers.set(destination.key, destination);
    }
    this.#examine(path);
  }

  #examine(path: Path): void {
    const place = this.#paths.indexOf(path);
    if (place >= 0) this.#wakeUps[place]!.call();
  }

  /** The life of one place: a guard, a path over it, and a new one when that is over. */
  async #keep(place: number, signal: AbortSignal): Promise<void> {
    const { guards, clock, random, timings } = this.#parts;
    let pauses = 0;
    let lost: Path | null = null;
    while (!signal.aborted) {
      const guard = await guards.obtain(place, signal);
      let path: Path | null = null;
      if (typeof guard === 'string') {
        this.#setShortage(place, guard);
      } else {
        this.#setShortage(place, null);
        // Only now: while the guard itself does not answer, a lost path is no proof against those behind it.
        const isLoss = lost?.guard.key === guard.key;
        if (isLoss) this.#punish(lost!);
        path = await this.#build(guard, place, signal);
        if (isLoss || !path) this.#countLoss(place);
      }
      lost = null;
      if (path) {
        pauses = 0;
        lost = await this.#maintain(path, place, signal);
      } else {
        const pause = Math.min(timings.firstPause * 2 ** Math.min(pauses++, 20), timings.longestPause);
        await this.#wakeUps[place]!.sleep(jittered(pause, PAUSE_JITTER, random), clock, signal);
      }
    }
    this.#publish(place, null);
  }

  /** A guard that answers but loses far more paths than others chooses itself what it passes on. */
  #countLoss(place: number): void {
    const { clock, guards } = this.#parts;
    this.#losses[place]!.push(clock.now());
    for (const [index, times] of this.#losses.entries()) {
      this.#losses[index] = times.filter((at) => clock.now() - at < HOUR_MS);
    }
    const [own, others] = [this.#losses[place]!.length, this.#losses.filter((_, index) => index !== place)];
    if (own < MOST_LOSSES || others.some(({ length }) => length * LOSS_RATIO > own)) return;
    if (this.current().length === 0) return;
    this.#losses[place] = [];
    guards.accuse(place);
  }

  /** Renews and watches a path; returns when it is over: the path, if it carried nothing although nobody cut it. */
  async #maintain(first: Path, place: number, signal: AbortSignal): Promise<Path | null> {
    const { clock, pool, strikes, timings } = this.#parts;
    let path = first;
    let renewAt = path.rotateAt;
    this.#publish(place, path);
    while (!signal.aborted) {
      const untilRenewal = () => timeUntil(renewAt, 2 * timings.rotation, clock);
      await this.#wakeUps[place]!.sleep(untilRenewal(), clock, signal);
      if (signal.aborted) return null;
      const isListed = path.relays.every(({ key }) => pool.get(key) !== null);
      const isSound = !path.isCut && isListed && (await this.#isSound(path, signal));
      if (!isSound || path.isCut) {
        this.#publish(place, null);
        return path.isCut || !isListed || signal.aborted ? null : path;
      }
      const isPartial =
        path.contradictions.length >= MOST_CONTRADICTIONS && new Set(path.contradictions).size >= LEAST_WITNESSES;
      if (untilRenewal() > 0 && !isPartial) continue;
      // Only the exit sees for whom requests are.
      if (isPartial) strikes.add(path.relays.at(-1)!.key, STRUCK_OUT);
      const renewed = await this.#build(path.guard, place, signal);
      if (renewed) {
        path = renewed;
        this.#publish(place, path);
      }
      path.contradictions = [];
      renewAt = renewed ? path.rotateAt : clock.now() + RENEW_AGAIN_MS;
    }
    return null;
  }

  /** Finds out whether the failures that are on record against a path were its own. */
  async #isSound(path: Path, signal: AbortSignal): Promise<boolean> {
    if (path.accusers.size === 0) return true;
    const { strikes, clock } = this.#parts;
    const accused = [...path.accusers.values()];
    const works = await this.#probe(path, accused, signal);
    if (signal.aborted) return false;
    if (works === 'no-destination') {
      // Nobody is left to ask, so nobody is convicted.
      path.accusers.clear();
      return true;
    }
    if (!works) return false;
    for (const destination of accused) {
      path.accusers.delete(destination.key);
      strikes.add(destination.key);
      this.#blamed.set(destination.key, { path, at: clock.now() });
    }
    path.hint = null;
    return true;
  }

  /** A path over this guard that has carried a request, or `null`. */
  async #build(guard: Relay, place: number, signal: AbortSignal): Promise<Path | null> {
    for (let attempt = 0; attempt < BUILD_ATTEMPTS && !signal.aborted; attempt++) {
      const path = this.#draw(guard, [], this.#othersThan(place));
      if (!path) return null;
      const works = await this.#probe(path, [], signal);
      if (works === true) return path;
      if (works === 'no-destination') return null;
      if (path.isCut) return null;
      if (!signal.aborted) this.#punish(path);
    }
    return null;
  }

  #othersThan(place: number): Relay[] {
    const apart = this.#apart?.relays ?? [];
    return [...apart, ...this.#paths.flatMap((path, index) => (path && index !== place ? path.relays : []))];
  }

  /** A path over one of our guards and not through `avoid`, with relays of its own as far as the network allows. */
  #drawBeside(avoid: readonly Relay[]): Path | null {
    const { pool, random } = this.#parts;
    const others = this.current().flatMap(({ relays }) => relays);
    for (const { guard } of shuffled(this.current(), random)) {
      if (avoid.some((relay) => areTooClose(guard, relay, pool.oneSite))) continue;
      const path = this.#draw(guard, avoid, others);
      if (path) return path;
    }
    return null;
  }

  /**
   * Draws middle and exit: apart from each other, from the guard and from `avoid`; also from all guards and from `others`,
   * and not struck out, unless the network is too small for that.
   */
  #draw(guard: Relay, avoid: readonly Relay[], others: readonly Relay[]): Path | null {
    const { pool, strikes, guards, clock, random, timings } = this.#parts;
    const count = pool.relaysPerPath - 1;
    const isApart = (relay: Relay, from: readonly Relay[]) =>
      from.every((other) => !areTooClose(relay, other, pool.oneSite));
    const must = (relay: Relay, drawn: readonly Relay[]) => isApart(relay, [guard, ...avoid, ...drawn]);
    const choices: readonly ((relay: Relay, drawn: readonly Relay[]) => boolean)[] = [
      (relay, drawn) =>
        must(relay, drawn) && !strikes.isOut(relay.key) && isApart(relay, [...guards.current(), ...others]),
      (relay, drawn) => must(relay, drawn) && !strikes.isOut(relay.key),
      must,
    ];
    for (const isAllowed of choices) {
      const drawn = pool.draw(count, isAllowed);
      if (drawn.length < count) continue;
      const now = clock.now();
      return new Path([guard, ...drawn], now, now + jittered(timings.rotation, ROTATION_JITTER, random));
    }
    return null;
  }

  /** Does the path carry a request to anybody but those it failed with? */
  async #probe(path: Path, not: readonly Relay[], signal: AbortSignal): Promise<boolean | 'no-destination'> {
    const { pool } = this.#parts;
    const isAllowed = (relay: Relay, drawn: readonly Relay[]) =>
      [...path.relays, ...not, ...drawn].every((other) => !areTooClose(relay, other, pool.oneSite));
    const good = pool.draw(PROBES, (relay, drawn) => this.#isGood(relay) && isAllowed(relay, drawn));
    const any = pool.draw(PROBES - good.length, (relay, drawn) => isAllowed(relay, [...good, ...drawn]));
    const destinations = [...good, ...any];
    if (destinations.length === 0) return 'no-destination';
    const rest = new AbortController();
    const both = AbortSignal.any([signal, rest.signal]);
    try {
      await Promise.any(destinations.map((destination) => this.#probeOne(path, destination, both)));
      return true;
    } catch {
      return false;
    } finally {
      rest.abort();
    }
  }

  async #probeOne(path: Path, destination: Relay, signal: AbortSignal): Promise<void> {
    const { timings, onReply } = this.#parts;
    const job = { path: path.relays, destination, body: INFO_BODY, timeoutMs: timings.probe, signal };
    const outcome = await exchange(this.#parts, job);
    if (outcome.kind === 'reply') {
      this.succeeded(path, destination);
      onReply(outcome);
      return;
    }
    if (outcome.kind === 'verdict') path.hint = outcome.verdict;
    if (outcome.kind === 'guard-unreachable' || outcome.kind === 'offline') path.isCut = true;
    throw new Error('the probe failed');
  }

  /** The path does not carry anything: strike whom the nodes named, or else everybody behind the guard. */
  #punish(path: Path): void {
    const { strikes } = this.#parts;
    const behind = path.relays.slice(1);
    const { hint } = path;
    const named =
      hint && (hint.action === 'remove-node' || hint.action === 'strike-node')
        ? behind.find(({ key }) => key === hint.node)
        : undefined;
    // One strike only, whatever is claimed: a guard could else put relays away that it does not like.
    if (named) strikes.add(named.key);
    else for (const relay of behind) strikes.add(relay.key);
  }

  #isGood(relay: Relay): boolean {
    const at = this.#lastGood.get(relay.key);
    return at !== undefined && this.#parts.clock.now() - at < GOOD_FOR_MS;
  }

  #publish(place: number, path: Path | null): void {
    this.#paths[place] = path;
    this.#announce();
  }

  #setShortage(place: number, shortage: GuardShortage | null): void {
    if (this.#shortages[place] === shortage) return;
    this.#shortages[place] = shortage;
    this.#announce();
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}
