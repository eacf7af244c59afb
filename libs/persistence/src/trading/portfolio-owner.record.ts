import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { COUNT, TEXT } from './stored-fields';

const PORTFOLIO_OWNERS_COLLECTION = 'portfolio_owners';
export const PORTFOLIO_OWNER_VERSION = 1;

/** Written by whoever makes a portfolio of a user, so that such changes come one after the other. */
export interface StoredPortfolioOwner extends StoredStamps {
  /** The user. */
  _id: string;
  revision: number;
}

export const portfolioOwnerSchema = new Schema<StoredPortfolioOwner>(
  { _id: TEXT, revision: COUNT, ...STAMP_FIELDS },
  { ...STRICT_SCHEMA, collection: PORTFOLIO_OWNERS_COLLECTION },
);

export const PORTFOLIO_OWNERS: CollectionDefinition = { name: PORTFOLIO_OWNERS_COLLECTION, indexes: [] };
