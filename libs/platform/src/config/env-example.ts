import { z } from 'zod';
import { envMetaOf } from './parse-env';

export interface EnvSection {
  title: string;
  /** Which processes read it, as a sentence. */
  note: string;
  schema: z.ZodObject;
}

const WIDTH = 110;

/**
 * Renders `.env.example`: every variable with its description; those with a default are shown with it, commented out, the
 * others with an example. A variable named by two sections is shown in the first one.
 */
export function renderEnvExample(sections: readonly EnvSection[]): string {
  const lines = [
    '# Every setting, generated from the code by `npm run env:example`. Copy what you need into .env.',
    '# A line shows the default, or an example where there is none.',
  ];
  const shown = new Set<string>();
  for (const { title, note, schema } of sections) {
    const fields = Object.entries<z.core.$ZodType>(schema.shape).filter(([name]) => !shown.has(name));
    if (fields.length === 0) continue;
    lines.push('', `## ${title}`, ...comment(note));
    for (const [name, field] of fields) {
      shown.add(name);
      const meta = envMetaOf(field);
      const standard = z.safeParse(field, undefined);
      const value = standard.success && standard.data !== undefined ? defaultText(standard.data) : (meta.example ?? '');
      const marks = [
        ...(standard.success ? [] : ['required']),
        ...(meta.requiredInProduction === true ? ['required in production'] : []),
      ];
      const description = meta.description ?? '';
      lines.push('', ...comment(marks.length > 0 ? `${description} (${marks.join(', ')})` : description));
      lines.push(`# ${name}=${value === '' ? (meta.example ?? '') : value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function defaultText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
