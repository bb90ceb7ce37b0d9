import { describe, expect, test } from 'vitest';
import { LINK_LIFETIME, Sessions } from './sessions.ts';

describe('sessions', () => {
  test('a token opens one session, once', () => {
    const sessions = new Sessions();
    const token = sessions.newToken();
    const secrets = sessions.exchange(token);
    expect(secrets).not.toBeNull();
    expect(sessions.exchange(token)).toBeNull();
    expect(sessions.hasCookie(secrets!.cookie)).toBe(true);
    expect(sessions.accepts(secrets!.cookie, secrets!.pageKey)).toBe(true);
  });

  test('tokens and secrets have 256 bits and never repeat', () => {
    const sessions = new Sessions();
    const token = sessions.newToken();
    const { cookie, pageKey } = sessions.exchange(token)!;
    for (const secret of [token, cookie, pageKey]) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(new Set([token, cookie, pageKey]).size).toBe(3);
  });

  test('a token ends after ten minutes', () => {
    let now = 1_000;
    const sessions = new Sessions(() => now);
    const early = sessions.newToken();
    const late = sessions.newToken();
    now += LINK_LIFETIME - 1;
    expect(sessions.exchange(early)).not.toBeNull();
    now += 1;
    expect(sessions.exchange(late)).toBeNull();
  });

  test('neither half of a session opens with the half of another', () => {
    const sessions = new Sessions();
    const one = sessions.exchange(sessions.newToken())!;
    const two = sessions.exchange(sessions.newToken())!;
    expect(sessions.accepts(one.cookie, two.pageKey)).toBe(false);
    expect(sessions.accepts(two.cookie, one.pageKey)).toBe(false);
    expect(sessions.accepts(one.cookie, '')).toBe(false);
    expect(sessions.accepts('', one.pageKey)).toBe(false);
    expect(sessions.hasCookie(one.pageKey)).toBe(false);
  });

  test.each(['', 'x', 'a'.repeat(43)])('the made-up token %j opens nothing', (token) => {
    const sessions = new Sessions();
    sessions.newToken();
    expect(sessions.exchange(token)).toBeNull();
  });

  test('of more than eight open links the oldest ends', () => {
    const sessions = new Sessions();
    const tokens = Array.from({ length: 9 }, () => sessions.newToken());
    expect(sessions.exchange(tokens[0]!)).toBeNull();
    for (const token of tokens.slice(1)) expect(sessions.exchange(token)).not.toBeNull();
  });
});
