import { type AccountState, DomainError } from '@app/domain';
import type { TradingRepository } from '@app/persistence';
import type { Owner } from '../owner';
import { portfolioNotFound } from '../portfolios/own-portfolio';

const MOST_TRIES = 10;

/**
 * Returns a portfolio and its positions as they were together at one moment since this call.
 * @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY` when it changes faster than it can be read
 */
export async function readAccount(
  repository: TradingRepository,
  owner: Pick<Owner, 'userId'>,
  portfolioId: string,
): Promise<AccountState> {
  const account = await findAccount(repository, portfolioId, owner.userId);
  if (account === null || account.portfolio.archivedAt !== null) throw portfolioNotFound(portfolioId);
  return account;
}

/**
 * Returns a portfolio, a deleted one too, and its positions as they were together at one moment since this call; null when there is none.
 * @param userId null for anybody's
 * @throws DomainError `PORTFOLIO.BUSY` when it changes faster than it can be read
 */
export async function findAccount(
  repository: TradingRepository,
  portfolioId: string,
  userId: string | null,
): Promise<AccountState | null> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const account = await repository.loadAccount(portfolioId, userId);
    if (account === null) return null;
    const again = await repository.findPortfolio(portfolioId, userId);
    if (again?.version === account.portfolio.version) return account;
  }
  throw new DomainError('PORTFOLIO.BUSY', 'Too much is happening to this portfolio at once; try again in a moment.');
}
