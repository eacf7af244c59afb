import { z } from 'zod';

const wholeNumber = (unit: string): z.ZodCoercedNumber =>
  z.coerce.number({ error: `must be a whole number of ${unit}` }).int(`must be a whole number of ${unit}`);

/** How often and in what portions the catalogue is brought up to date. */
export const syncEnv = z.object({
  SYNC_BATCH_SIZE: wholeNumber('markets')
    .min(1, 'must be at least 1')
    .max(5_000, 'must be at most 5000')
    .default(500)
    .meta({
      description: 'How many markets one database batch of the sync writes. Pages are as large as the venue honours.',
    }),
  SYNC_INTERVAL_MINUTES: wholeNumber('minutes')
    .min(1, 'must be at least 1')
    .max(1_440, 'must be at most 1440, a day')
    .default(5)
    .meta({ description: 'Minutes between two incremental syncs, which read the open markets.' }),
  FULL_SYNC_INTERVAL_HOURS: wholeNumber('hours')
    .min(1, 'must be at least 1')
    .max(720, 'must be at most 720, 30 days')
    .default(24)
    .meta({ description: 'Hours between two full syncs, which read open and closed markets.' }),
});
