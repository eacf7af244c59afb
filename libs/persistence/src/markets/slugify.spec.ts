import { slugify } from './slugify';

describe('slugify', () => {
  it.each([
    ['US Politics', 'us-politics'],
    ['us-politics', 'us-politics'],
    [' AI & Tech! ', 'ai-tech'],
    ['Élection', 'élection'],
  ])('%j is %j', (label, slug) => expect(slugify(label)).toBe(slug));
});
