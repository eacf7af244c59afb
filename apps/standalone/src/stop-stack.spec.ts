import { StopStack } from './stop-stack';

describe('StopStack', () => {
  it('stops in the opposite order, once', async () => {
    const stopped: string[] = [];
    const stack = new StopStack();
    for (const name of ['store', 'simulator', 'api']) stack.push(() => void stopped.push(name));
    await stack.stop();
    await stack.stop();
    expect(stopped).toEqual(['api', 'simulator', 'store']);
  });

  it('goes on when one fails', async () => {
    const stopped: string[] = [];
    const stack = new StopStack();
    stack.push(() => void stopped.push('store'));
    stack.push(() => Promise.reject(new Error('api hangs')));
    await expect(stack.stop()).rejects.toThrow('api hangs');
    expect(stopped).toEqual(['store']);
  });
});
