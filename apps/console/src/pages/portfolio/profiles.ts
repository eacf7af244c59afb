import type { Schemas } from '../../api/client';

type Portfolio = Schemas['Portfolio'];

/** How strict the fills of a portfolio are. */
export const PROFILES: Readonly<Record<Portfolio['profile'], { name: string; meaning: string }>> = {
  realistic: { name: 'Realistic', meaning: 'Fills come from displayed size and after the queue, and orders travel.' },
  conservative: { name: 'Conservative', meaning: 'Only what surely would have filled fills, and orders travel long.' },
  ideal: { name: 'Ideal', meaning: 'Orders travel in no time and fill at the touch; to compare with other tools.' },
};

/** How long the orders of a portfolio travel to the venue. */
export const LATENCIES: Readonly<Record<Portfolio['latency'], string>> = {
  ideal: 'in no time',
  colocated: 'for 5 ms',
  retail: 'for 120 ms or more',
  recorded: 'as long as this server measured',
};
