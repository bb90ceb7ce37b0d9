const SLAB_BYTES = 16 * 1024;
/** Larger ones would waste too much of a slab. */
const LARGEST_POOLED = 4096;
/** So that every one of them can be seen as 32- and 64-bit words. */
const ALIGNMENT = 8;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/**
 * Memory for bytes that the caller writes wholly at once: what is in it before is undefined. Small arrays are cut from one
 * larger piece, because handing memory of its own to native code and giving it back costs more than most work on it.
 * So `buffer` of the array may hold other bytes around it, and it lasts as long as one array in it does: only for what is
 * soon forgotten, and nothing that somebody else decides how long to keep.
 */
export function allocate(size: number): Uint8Array {
  if (size > LARGEST_POOLED) return new Uint8Array(size);
  if (used + size > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(slab, used, size);
  used += (size + ALIGNMENT - 1) & -ALIGNMENT;
  return bytes;
}
