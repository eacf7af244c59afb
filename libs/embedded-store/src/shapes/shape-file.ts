import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandShape } from './command-shape';

/** Appends every shape it has not met before to a new file in the folder, one JSON line each, at once: the process may be killed. */
export function appendShapesTo(folder: string): (shape: CommandShape) => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${process.pid}-${randomUUID()}.jsonl`);
  const known = new Set<string>();
  return (shape) => {
    const line = JSON.stringify(shape);
    if (known.has(line)) return;
    known.add(line);
    appendFileSync(path, `${line}\n`);
  };
}
