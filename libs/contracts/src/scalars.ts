import { formatMicro, toWireNumber, toWireStatistic } from '@app/domain';
import { z } from 'zod';

/** What a schema says about itself in the OpenAPI document. */
export interface FieldMeta {
  description: string;
  example?: unknown;
}

/** ISO 8601 in UTC with a `Z`, as a response field. */
export const timestampField = (description: string, example = '2026-02-07T09:30:00.000Z'): z.ZodISODateTime =>
  // The generated pattern fills a screen of the document and `format` says the same.
  z.iso.datetime().meta({ description, example, pattern: undefined });

/** A JSON number that shows the exact decimal of a money amount, price or quantity; of up to 19 digits, which not every client's numbers keep. */
export const exactNumberField = (description: string, example: number): z.ZodNumber =>
  z.number().meta({ description, example });

/** A JSON number nearest to a venue statistic such as volume; exact below one billion. */
export const statisticField = (description: string, example: number): z.ZodNumber =>
  z.number().meta({ description, example });

/** A whole number that is not negative, as a response field. */
export const countField = (description: string, example: number): z.ZodNumber =>
  z.number().int().nonnegative().meta({ description, example, maximum: undefined });

export const textField = (description: string, example: string): z.ZodString =>
  z.string().meta({ description, example });

export const flagField = (description: string, example: boolean): z.ZodBoolean =>
  z.boolean().meta({ description, example });

/** Money, price or quantity as its wire number; null stays null. */
export const wireNumberOrNull = (value: bigint | null): number | null => (value === null ? null : toWireNumber(value));

/** A venue statistic as its wire number; null stays null. */
export const wireStatisticOrNull = (value: bigint | null): number | null =>
  value === null ? null : toWireStatistic(value);

/** Micro-units as decimal text; null stays null. */
export const decimalTextOrNull = (value: bigint | null): string | null => (value === null ? null : formatMicro(value));

/** A time as ISO 8601 in UTC; null stays null. */
export const wireTimeOrNull = (value: Date | null): string | null => (value === null ? null : value.toISOString());
