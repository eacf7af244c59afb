/** A token somebody wants followed. One market is followed for both of its tokens. */
export interface WatchedToken {
  conditionId: string;
  tokenId: string;
}

const SEPARATOR = '/';

/** A token as the subject of an interest. */
export const subjectOf = ({ conditionId, tokenId }: WatchedToken): string => `${conditionId}${SEPARATOR}${tokenId}`;

/** The token of a subject; null for a text that is none. */
export function watchedTokenOf(subject: string): WatchedToken | null {
  const [conditionId, tokenId, ...rest] = subject.split(SEPARATOR);
  if (conditionId === undefined || conditionId === '' || tokenId === undefined || tokenId === '') return null;
  return rest.length > 0 ? null : { conditionId, tokenId };
}
