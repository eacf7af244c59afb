import { DomainError, type Portfolio } from '@app/domain';
import type { TradingRepository } from '@app/persistence';
import type { Owner } from '../owner';

/** The refusal of a portfolio there is none of, or that is deleted or somebody else's. */
export function portfolioNotFound(portfolioId: string): DomainError {
  return new DomainError('PORTFOLIO.NOT_FOUND', `You have no portfolio ${portfolioId}.`);
}

/** Returns a portfolio of somebody's as it is stored. @throws DomainError `PORTFOLIO.NOT_FOUND` */
export async function getOwnPortfolio(
  repository: TradingRepository,
  owner: Pick<Owner, 'userId'>,
  portfolioId: string,
): Promise<Portfolio> {
  const portfolio = await repository.findPortfolio(portfolioId, owner.userId);
  if (portfolio === null || portfolio.archivedAt !== null) throw portfolioNotFound(portfolioId);
  return portfolio;
}
