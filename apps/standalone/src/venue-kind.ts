/** Which venue a data folder and its store belong to. */
export type VenueKind = 'simulated' | 'polymarket';

/** The folder below DATA_DIR that holds a venue's data, so that simulated and real data never mix. */
export const DATA_FOLDERS: Readonly<Record<VenueKind, string>> = { simulated: 'demo', polymarket: 'polymarket' };
