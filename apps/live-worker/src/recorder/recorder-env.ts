import { z } from 'zod';

/** Variables of the recorder. */
export const recorderEnv = z.object({
  LIVE_RECORD_DIR: z.string().min(1, 'must name a folder').optional().meta({
    description:
      "Folder where the venue's stream is recorded: every frame and every book it is compared with, in compressed daily files. Nothing is recorded without it.",
  }),
});
