export { maxSizes } from './max-size.ts';
