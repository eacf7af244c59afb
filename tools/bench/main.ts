import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A benchmark: a file `<name>.bench.ts` beside this one. */
interface Benchmark {
  run(args: readonly string[]): Promise<void>;
}

const SUFFIX = '.bench.ts';
const names = readdirSync(__dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));

async function main(): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2);
  if (!names.includes(name)) {
    process.stderr.write(`usage: npm run bench -- ${names.join('|')} [options]\n`);
    process.exitCode = 2;
    return;
  }
  const benchmark = (await import(join(__dirname, `${name}${SUFFIX}`))) as Benchmark;
  await benchmark.run(args);
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
  process.exitCode = 1;
});
