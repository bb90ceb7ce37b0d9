import { readFileSync } from 'node:fs';

const TICK_MICROSECONDS = 10_000;
const TICK_FIELDS = { user: 13, system: 14 } as const;

/** CPU time in µs that processes have used so far, user and system, by the kernel's account. Linux only. */
export function cpuTime(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    // The name in parentheses may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/s, '()')
      .split(' ');
    return sum + (Number(fields[TICK_FIELDS.user]) + Number(fields[TICK_FIELDS.system])) * TICK_MICROSECONDS;
  }, 0);
}

/** The most memory that one of the processes ever had resident, MiB. */
export function peakMemory(pids: readonly number[]): number {
  return Math.max(
    ...pids.map((pid) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024),
  );
}
