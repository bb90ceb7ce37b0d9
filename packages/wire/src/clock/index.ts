export { averageOffset, type ClockOffsets, withNodeTime } from './clock-offset.ts';
