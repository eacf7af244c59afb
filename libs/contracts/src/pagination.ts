import { integerParameter } from './parameters';
import { countField, flagField } from './scalars';

/** Past this page a list is no longer something a person or a bot pages through. */
export const MAX_PAGE = 1_000_000;
export const MAX_PAGE_SIZE = 100;

/** The two parameters of every list. */
export const pageParameters = {
  page: integerParameter({ min: 1, max: MAX_PAGE }, { description: 'Page number, from 1.', example: 1 }).default(1),
  page_size: integerParameter({ min: 1, max: MAX_PAGE_SIZE }, { description: 'Rows a page.', example: 20 }).default(20),
};

/** The fields every list answers beside its rows. */
export const pageFields = {
  total: countField('Rows that match, over all pages.', 48213),
  page: countField('This page, from 1.', 1),
  page_size: countField('Rows a page.', 20),
  total_pages: countField('Pages there are; 0 when nothing matches.', 2411),
  has_next: flagField('Whether a page follows.', true),
  has_prev: flagField('Whether a page comes before.', false),
};

export interface PageBody {
  total: number;
  page: number;
  page_size: number;
  total_pages: number;
  has_next: boolean;
  has_prev: boolean;
}

/** Where a page stands in its list; a page beyond the last has no next one. */
export function toPageBody(total: number, page: number, pageSize: number): PageBody {
  const totalPages = Math.ceil(total / pageSize);
  return {
    total,
    page,
    page_size: pageSize,
    total_pages: totalPages,
    has_next: page < totalPages,
    has_prev: page > 1 && totalPages > 0,
  };
}
