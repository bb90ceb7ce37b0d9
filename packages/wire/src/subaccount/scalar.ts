import { wipe } from '../bytes/index.ts';
import { sodium } from '../crypto/sodium.ts';

const SCALAR_SIZE = 32;

/** A 64-byte little-endian number modulo the order L of the Ed25519 group. */
export function reduceScalar(wide: Uint8Array): Uint8Array {
  const scalar = new Uint8Array(SCALAR_SIZE);
  sodium.crypto_core_ed25519_scalar_reduce(scalar, wide);
  return scalar;
}

/**
 * a·b mod L. The binding of libsodium lacks this one: the product is made byte by byte, in the same time for all
 * values, and reduced by libsodium.
 */
export function multiplyScalars(a: Uint8Array, b: Uint8Array): Uint8Array {
  const product = new Uint8Array(2 * SCALAR_SIZE);
  for (let i = 0; i < SCALAR_SIZE; i++) {
    let carry = 0;
    for (let j = 0; j < SCALAR_SIZE; j++) {
      const sum = product[i + j]! + a[i]! * b[j]! + carry;
      product[i + j] = sum & 0xff;
      carry = sum >> 8;
    }
    product[i + SCALAR_SIZE] = carry;
  }
  const reduced = reduceScalar(product);
  wipe(product);
  return reduced;
}

/** a + b mod L. */
export function addScalars(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(SCALAR_SIZE);
  sodium.crypto_core_ed25519_scalar_add(sum, a, b);
  return sum;
}

/** −a mod L. */
export function negateScalar(a: Uint8Array): Uint8Array {
  const negated = new Uint8Array(SCALAR_SIZE);
  sodium.crypto_core_ed25519_scalar_negate(negated, a);
  return negated;
}

/** a·B, without clamping. */
export function multiplyBase(a: Uint8Array): Uint8Array {
  const point = new Uint8Array(SCALAR_SIZE);
  sodium.crypto_scalarmult_ed25519_base_noclamp(point, a);
  return point;
}

/** a·P, without clamping; `null` if P is no point of the main subgroup or the product is the identity. */
export function multiplyPoint(a: Uint8Array, point: Uint8Array): Uint8Array | null {
  const product = new Uint8Array(SCALAR_SIZE);
  try {
    sodium.crypto_scalarmult_ed25519_noclamp(product, a, point);
  } catch {
    return null;
  }
  return product;
}

const FIELD_PRIME = 2n ** 255n - 19n;

/**
 * The Ed25519 point with sign bit 0 that belongs to an X25519 public key: y = (u − 1)/(u + 1) (groups §5). Whether it
 * lies on the curve is not checked.
 */
export function edwardsOfMontgomery(x25519Key: Uint8Array): Uint8Array {
  const u = BigInt(`0x${Buffer.from(x25519Key).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  const y = (((u - 1n + FIELD_PRIME) % FIELD_PRIME) * power(u + 1n, FIELD_PRIME - 2n)) % FIELD_PRIME;
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % FIELD_PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % FIELD_PRIME;
    square = (square * square) % FIELD_PRIME;
  }
  return result;
}
