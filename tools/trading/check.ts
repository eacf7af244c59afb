import 'reflect-metadata';
import { databaseConnection, openConnection, type PersistenceOptions, TradingRepository } from '@app/persistence';
import { parseEnv, runProcess, StartError } from '@app/platform';
import { auditPortfolios } from '@app/trading';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { borrowEnv, borrowStore } from '../borrow-store';

/**
 * `npm run trading:check -- [--demo] [--json]`: audits the ledger, balances, positions, trades and orders of every portfolio, on the server of MONGO_URI,
 * else in the data folder, whether its server is running or not. Changes nothing. Ends with 0 when nothing is wrong, with 1 and a sentence for each
 * finding otherwise.
 */
void runProcess(
  async (context) => {
    const { values } = parseArgs({
      options: { demo: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
    if (existsSync('.env')) process.loadEnvFile('.env');
    const store = await borrowStore(parseEnv(borrowEnv), values.demo ? 'simulated' : 'polymarket', context, {
      mustExist: 'nothing has run on it',
    });
    const work = check(store.database, values.json).finally(() => store.giveBack());
    return { finished: work, stop: () => work.catch(() => undefined) };
  },
  { stopDeadlineMs: 30_000 },
);

async function check(database: PersistenceOptions, json: boolean): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const root = await openConnection(database);
  try {
    const trading = new TradingRepository(databaseConnection(root, 'trading_db', database.databasePrefix));
    const summary = await auditPortfolios(trading, ({ portfolioId, findings }) => {
      for (const finding of findings) {
        print(json ? JSON.stringify({ portfolio_id: portfolioId, finding }) : `Portfolio ${portfolioId}: ${finding}`);
      }
    });
    const { portfolios, entries, orders, trades, findings } = summary;
    print(
      json
        ? JSON.stringify({ summary })
        : `${portfolios} portfolios, ${entries} ledger entries, ${orders} orders and ${trades} trades: ` +
            (findings === 0 ? 'everything is in order.' : `${findings} findings.`),
    );
    if (findings > 0) throw new StartError('The books are not in order.');
  } finally {
    await root.close();
  }
}
