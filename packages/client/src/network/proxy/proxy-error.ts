import type { ProxyProblem } from '../../engine.ts';

/** No connection through a proxy came about because of the proxy, or of how it is set up. */
export class ProxyError extends Error {
  readonly problem: ProxyProblem;

  constructor(problem: ProxyProblem) {
    super(`the proxy does not work: ${problem}`);
    this.name = 'ProxyError';
    this.problem = problem;
  }
}

/** The proxy works, but it could not reach what was asked for. */
export class TargetUnreachable extends Error {
  constructor() {
    super('the proxy could not connect');
    this.name = 'TargetUnreachable';
  }
}
