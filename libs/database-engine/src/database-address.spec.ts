import { redactUri } from './database-address';

describe('redactUri', () => {
  it.each([
    ['mongodb://127.0.0.1:27017/?replicaSet=rs0', 'mongodb://127.0.0.1:27017/'],
    ['mongodb://me:secret@a:1,b:2/shop?authSource=admin', 'mongodb://a:1,b:2/shop'],
    ['mongodb+srv://me:secret@cluster.example.com', 'mongodb+srv://cluster.example.com'],
    ['mongodb://me:se/cr@et?x@a:1/shop', 'mongodb://a:1/shop'],
    ['mongodb://a/?authMechanismProperties=AWS_SESSION_TOKEN:secret', 'mongodb://a/'],
    ['me:secret@host', 'mongodb://'],
  ])('%s becomes %s', (uri, shown) => {
    expect(redactUri(uri)).toBe(shown);
    expect(redactUri(uri)).not.toContain('secret');
  });
});
