import {
  VenueBadAnswerError,
  VenueBusyError,
  VenueError,
  VenueRefusedError,
  VenueUnavailableError,
} from '@app/polymarket';
import { askPatiently, VenueListError, VenueOutageError } from './venue-patience';

const patience = { attempts: 3, badAnswers: 2, firstWaitMs: 1, longestWaitMs: 2 };

function ask(
  errors: readonly Error[],
  signal = new AbortController().signal,
): { answer: Promise<string>; told: VenueError[] } {
  const left = [...errors];
  const told: VenueError[] = [];
  const answer = askPatiently(
    () => {
      const error = left.shift();
      return error === undefined ? Promise.resolve('page') : Promise.reject(error);
    },
    {
      patience,
      signal,
      onTrouble: (error) => {
        told.push(error);
        return Promise.resolve();
      },
    },
  );
  return { answer, told };
}

const away = (): VenueError => new VenueUnavailableError();
const nonsense = (): VenueError => new VenueBadAnswerError([{ path: 'markets', reason: 'found nothing', id: null }]);

describe('asking patiently', () => {
  it('waits out what passes, telling each trouble', async () => {
    const { answer, told } = ask([away(), new VenueBusyError(1)]);
    expect(await answer).toBe('page');
    expect(told.map(({ kind }) => kind)).toEqual(['unavailable', 'busy']);
  });

  it('calls it an outage when the venue stays away', async () => {
    await expect(ask([away(), away(), away()]).answer).rejects.toThrow(VenueOutageError);
  });

  it('asks again for an answer it does not understand, a few times', async () => {
    expect(await ask([nonsense()]).answer).toBe('page');
    await expect(ask([nonsense(), nonsense()]).answer).rejects.toThrow(VenueListError);
  });

  it('does not repeat what the venue refuses, nor errors of our own', async () => {
    await expect(ask([new VenueRefusedError(422)]).answer).rejects.toThrow(VenueListError);
    await expect(ask([new TypeError('ours')]).answer).rejects.toThrow('ours');
  });

  it('stops with the reason it was stopped for', async () => {
    const stop = new AbortController();
    const { answer } = ask([away(), away()], stop.signal);
    stop.abort(new Error('closing'));
    await expect(answer).rejects.toThrow('closing');
  });
});
