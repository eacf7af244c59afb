import fc from 'fast-check';
import { readAnswer, writeAnswer } from './answer-text';

const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.integer(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value')),
    fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('value'), { noNullPrototype: true }),
  ),
}));

describe('the text of an answer', () => {
  it('gives back whatever was written', () => {
    fc.assert(
      fc.property(value, (content) => {
        expect(readAnswer(writeAnswer({ content }))).toEqual({ content });
      }),
    );
  });
});
