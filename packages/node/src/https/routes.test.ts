import { expect, test } from 'vitest';
import { RateLimiter } from '../net/rate-limiter.ts';
import { nodeRoutes, type RouteTargets } from './routes.ts';

test('what costs more than it does to ask is limited by address, each kind by itself', () => {
  const rateLimiters = { rpc: new RateLimiter(), onions: new RateLimiter(), lists: new RateLimiter() };
  const routes = nodeRoutes({ rateLimiters } as unknown as RouteTargets);
  const limited = Object.entries(rateLimiters).map(([name, limiter]) => [
    name,
    Object.keys(routes).filter((path) => routes[path]!.rateLimiter === limiter),
  ]);
  expect(Object.fromEntries(limited)).toEqual({
    rpc: ['POST /storage_rpc/v1'],
    onions: ['POST /onion_req/v2'],
    lists: ['GET /directory/v1', 'POST /json_rpc'],
  });
});
