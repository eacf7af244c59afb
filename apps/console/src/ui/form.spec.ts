import { choiceOf, textOf } from './form';

describe('what a form holds', () => {
  it('is text, and nothing where nothing was given', () => {
    const form = new FormData();
    form.set('email', 'ann@example.com');
    form.set('file', new Blob(['x']));
    expect([textOf(form, 'email'), textOf(form, 'file'), textOf(form, 'none')]).toEqual(['ann@example.com', '', '']);
  });

  it('is one of the choices or none', () => {
    expect(choiceOf(['full', 'incremental'], 'full')).toBe('full');
    expect(choiceOf(['full', 'incremental'], 'both')).toBeUndefined();
    expect(choiceOf(['full'], undefined)).toBeUndefined();
  });
});
