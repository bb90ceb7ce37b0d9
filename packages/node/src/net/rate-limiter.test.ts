import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientOfAddress } from './client-address.ts';
import { ONION_LIMITS, RateLimiter } from './rate-limiter.ts';

const allow = (limiter: RateLimiter, count: number, now: number, address = '10.1.1.13') =>
  Array.from({ length: count }, () => limiter.allows(address, now)).filter(Boolean).length;

test('600 requests at one instant pass, the 601st does not, one more after 1/300 s', () => {
  const limiter = new RateLimiter();
  expect(allow(limiter, 601, 0)).toBe(600);
  expect(limiter.allows('10.1.1.13', 3)).toBe(false);
  expect(limiter.allows('10.1.1.13', 3.34)).toBe(true);
  expect(limiter.allows('10.1.1.13', 3.34)).toBe(false);
});

test('300 a second are never limited', () => {
  const limiter = new RateLimiter();
  allow(limiter, 600, 0);
  let refused = 0;
  for (let request = 1; request <= 3000; request++) {
    if (!limiter.allows('10.1.1.13', request * (1000 / 300) + 1)) refused++;
  }
  expect(refused).toBe(0);
});

test('a thousand people behind one address, each waiting and some busy, are never limited', () => {
  const limiter = new RateLimiter(ONION_LIMITS);
  let refused = 0;
  // A request of each every 20 s is 50 a second; 50 of them at work send ten a second each; in bursts of a second.
  for (let second = 0; second < 600; second++) {
    refused += 550 - allow(limiter, 550, second * 1000);
  }
  expect(refused).toBe(0);
  expect(allow(new RateLimiter(ONION_LIMITS), 1201, 0)).toBe(1200);
});

test('clients are independent', () => {
  const limiter = new RateLimiter();
  allow(limiter, 600, 0);
  expect(limiter.allows('10.1.1.13', 0)).toBe(false);
  expect(limiter.allows('10.1.1.10', 0)).toBe(true);
});

test('the 10,001st client is refused until a bucket is full again', () => {
  const limiter = new RateLimiter();
  for (let client = 0; client < 10_000; client++) limiter.allows(`10.0.${client >> 8}.${client & 255}`, 0);
  expect(limiter.allows('10.1.1.13', 0)).toBe(false);
  expect(limiter.allows('10.1.1.13', 3)).toBe(false);
  expect(limiter.allows('10.1.1.13', 4)).toBe(true);
});

test('addresses of one client are one client', () => {
  expect(clientOfAddress('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(clientOfAddress('2001:db8:1:2:3:4:5:6')).toBe(clientOfAddress('2001:db8:1:2::9'));
  expect(clientOfAddress('2001:db8::1')).not.toBe(clientOfAddress('2001:db8:0:1::1'));
  expect(clientOfAddress('fe80::1%eth0')).toBe(clientOfAddress('fe80::2'));
});

test('no client gets more than 600 at once and 300 a second, whenever it asks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 700, maxLength: 1500 }), (gaps) => {
      const limiter = new RateLimiter();
      let now = 0;
      let allowed = 0;
      for (const gap of gaps) {
        now += gap;
        if (limiter.allows('10.1.1.13', now)) allowed++;
      }
      expect(allowed).toBeLessThanOrEqual(600 + now * 0.3 + 1);
    }),
    { numRuns: 30 },
  );
});
