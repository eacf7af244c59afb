import { z } from 'zod';

/** What a variable's `.meta()` may say besides zod's own keys. */
export interface EnvMeta {
  /** One or two sentences for `.env.example` and for the message when the variable is missing. */
  description?: string;
  /** The value never appears in messages: passwords, and addresses that may carry one. */
  secret?: boolean;
  /** With NODE_ENV=production the variable must be set; its default then does not count. */
  requiredInProduction?: boolean;
  /** Shown, commented out, in `.env.example` when the variable has no default. */
  example?: string;
}

export interface ConfigProblem {
  variable: string;
  /** What was wrong and what would be right. */
  message: string;
}

/** A rule over several variables. It sees the raw text of the set ones, so that it runs even when others are bad. */
export type EnvRule = (set: Readonly<Record<string, string | undefined>>) => ConfigProblem[];

/** The environment cannot be used; the message names every bad variable. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map((problem) => `  ${problem.variable} ${problem.message}`);
    super(`The configuration cannot be used:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the variables of a schema, trimmed; one set to nothing counts as not set, because compose files pass `${X:-}` that way.
 * @throws ConfigError naming every bad variable at once
 */
export function parseEnv<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  source: NodeJS.ProcessEnv = process.env,
  rules: readonly EnvRule[] = [],
): z.output<z.ZodObject<S>> {
  const set: Record<string, string | undefined> = {};
  for (const name of Object.keys(schema.shape)) {
    const text = source[name]?.trim();
    if (text !== undefined && text !== '') set[name] = text;
  }
  const production = source['NODE_ENV']?.trim() === 'production';
  const problems: ConfigProblem[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    const meta = envMetaOf(field);
    if (set[name] === undefined) {
      const accepted = z.safeParse(field, undefined);
      if (!accepted.success || (production && meta.requiredInProduction === true)) {
        const where = production && accepted.success ? 'must be set when NODE_ENV=production' : 'is not set';
        problems.push({ variable: name, message: meta.description ? `${where}. ${meta.description}` : where });
      }
      continue;
    }
    const result = z.safeParse(field, set[name]);
    if (result.success) continue;
    const found = meta.secret === true ? '' : `; found ${JSON.stringify(set[name])}`;
    const reasons = [...new Set(result.error.issues.map((issue) => issue.message))].join('; ');
    problems.push({ variable: name, message: `is not usable: ${reasons}${found}` });
  }
  for (const rule of rules) problems.push(...rule(set));
  if (problems.length > 0) throw new ConfigError(problems);
  return schema.parse(set);
}

/** Returns the names of a schema's variables that are not set and so run on their defaults, in the order of the schema. */
export function listDefaulted(schema: z.ZodObject, source: NodeJS.ProcessEnv = process.env): string[] {
  return Object.entries(schema.shape)
    .filter(([name, field]) => !source[name]?.trim() && z.safeParse(field, undefined).data !== undefined)
    .map(([name]) => name);
}

/** Returns what a variable's `.meta()` says. */
export function envMetaOf(field: z.core.$ZodType): EnvMeta {
  return z.globalRegistry.get(field) ?? {};
}
