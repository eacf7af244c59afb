import { lastWords } from './mongod-log';

const line = (s: string, msg: string, attr?: object): string => JSON.stringify({ t: {}, s, c: 'STORAGE', msg, attr });

describe('lastWords', () => {
  it('gives the errors of a mongod', () => {
    const text = [line('I', 'starting'), line('E', 'no space', { error: 'ENOSPC' }), line('I', 'exiting'), ''].join(
      '\n',
    );
    expect(lastWords(text)).toEqual(['no space {"error":"ENOSPC"}']);
  });

  it('gives whatever came last otherwise', () => {
    expect(lastWords('mongod: libcrypto.so.1.1: cannot open\n')).toEqual(['mongod: libcrypto.so.1.1: cannot open']);
    expect(lastWords(Array.from({ length: 9 }, (_, at) => line('I', `step ${at}`)).join('\n'))).toHaveLength(5);
    expect(lastWords('')).toEqual([]);
  });
});
