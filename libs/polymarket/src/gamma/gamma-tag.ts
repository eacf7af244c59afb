import { WireObject } from '../wire/wire-object';

/** A Gamma tag. Source: GET /tags, recorded. */
export interface GammaTag {
  id: string;
  label: string;
  slug: string;
  forceShow: boolean | null;
  forceHide: boolean | null;
  requiresTranslation: boolean | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  publishedAt: Date | null;
}

export function readGammaTag(row: WireObject): GammaTag {
  return {
    id: row.id('id'),
    label: row.text('label', 512),
    slug: row.text('slug', 512),
    forceShow: row.optionalFlag('forceShow'),
    forceHide: row.optionalFlag('forceHide'),
    requiresTranslation: row.optionalFlag('requiresTranslation'),
    createdAt: row.date('createdAt'),
    updatedAt: row.date('updatedAt'),
    publishedAt: row.date('publishedAt'),
  };
}
