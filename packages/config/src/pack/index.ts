export { decompress } from './compress.ts';
export { isPart, readPart } from './multipart.ts';
export { type Packing, pack, unpack } from './pack.ts';
export { unpad } from './padding.ts';
export { PartCollector, type PartSet, type StoredPart } from './part-collector.ts';
