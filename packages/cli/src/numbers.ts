import { CommandFailure, USAGE_EXIT_CODE } from './failure.ts';

/** Checks a whole number that an option takes. @throws CommandFailure with the option's name and its range. */
export function wholeNumber(option: string, value: number, lowest: number, highest: number): number {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new CommandFailure(`${option} takes a whole number from ${lowest} to ${highest}.`, USAGE_EXIT_CODE);
}

/** The last of all ports. */
export const HIGHEST_PORT = 65_535;

/** Checks a port number; 0, where it is allowed, means any free one. */
export function portNumber(option: string, value: number, lowest: 0 | 1 = 1): number {
  return wholeNumber(option, value, lowest, HIGHEST_PORT);
}
