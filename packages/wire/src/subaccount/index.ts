export {
  isSigningValueValid,
  type MemberAccess,
  type MemberSignature,
  makeMemberAccess,
  signAsMember,
} from './signing-value.ts';
export { ANY_PREFIX, DELETE, READ, TOKEN_SIZE, tokenAllows, tokenFlags, tokenKey, WRITE } from './token.ts';
