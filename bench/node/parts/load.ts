/**
 * The load generator, a process of its own: reads a plan from its parent, keeps that many connections busy with one request
 * each, and sends back what it measured. What runs before that does not count.
 */
import { type Measured, type Plan, warmUpMs } from './plan.ts';
import { cpuTime, peakMemory } from './processes.ts';
import { measureUnit } from './unit.ts';
import { prepareWork } from './work.ts';

process.once('message', (plan: Plan) => {
  void run(plan).then((measured) => {
    process.send?.(measured, () => process.disconnect?.());
  });
});

async function run(plan: Plan): Promise<Measured> {
  const pids = plan.targets.map(({ pid }) => pid);
  const work = await prepareWork(plan);
  const times: number[] = [];
  const total = work.reduce((sum, each) => sum + (each.total ?? Number.POSITIVE_INFINITY), 0);
  const halfSent = Promise.withResolvers<void>();
  let sent = 0;
  let counting = false;
  let stopped = false;
  const loops = work.map(async ({ line, next }) => {
    while (!stopped) {
      const request = next();
      if (!request) return;
      if (++sent >= total / 2) halfSent.resolve();
      const began = performance.now();
      const { status, body } = await line.exchange(request);
      if (status !== 200) throw new Error(`answered ${status}: ${Buffer.from(body).toString().slice(0, 200)}`);
      if (counting) times.push(performance.now() - began);
    }
  });
  const all = Promise.all(loops);
  await Promise.race([all, halfSent.promise, sleep(warmUpMs(pids.length))]);
  measureUnit();
  const units = [measureUnit()];
  const cpuBefore = cpuTime(pids);
  const began = performance.now();
  counting = true;
  await Promise.race([all, sleep(plan.seconds * 1000)]);
  counting = false;
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuTime(pids) - cpuBefore;
  units.push(measureUnit());
  stopped = true;
  await all;
  for (const { line } of work) line.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return {
    perSecond: times.length / seconds,
    cpuPerRequest: cpu / times.length,
    unit: (units[0]! + units[1]!) / 2,
    median: at(0.5),
    p99: at(0.99),
    peakMemory: peakMemory(pids),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
