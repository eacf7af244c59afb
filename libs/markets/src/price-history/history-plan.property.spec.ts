import { microPrice } from '@app/domain';
import fc from 'fast-check';
import { joinParts, planOpenHistory, pointsOfPart } from './history-plan';

const FIDELITIES = [1, 5, 15, 30, 60, 720, 1440];

describe('a range put together from parts', () => {
  it('is what one call over the whole range would have given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }),
        fc.integer({ min: 1, max: 3_000_000 }),
        fc.constantFrom(...FIDELITIES),
        fc.array(fc.integer({ min: -100_000, max: 3_100_000 }), { maxLength: 60 }),
        (startTs, seconds, fidelityMinutes, offsets) => {
          const endTs = startTs + seconds;
          const series = [...new Set(offsets)]
            .sort((a, b) => a - b)
            .map((o) => ({ t: startTs + o, p: microPrice(1n) }));
          const { parts, cut } = planOpenHistory({ span: { startTs, endTs }, fidelityMinutes });
          // The venue adds the moment of asking to every answer, wherever the range ends.
          const now = { t: endTs + 5_000_000, p: microPrice(2n) };
          const answers = parts.map((part) => {
            if (part.kind !== 'range') throw new Error('a range is made of ranges');
            const within = series.filter(({ t }) => t >= part.startTs && t <= part.endTs);
            return pointsOfPart(part, [...within, now]);
          });
          expect(joinParts(answers, cut)).toEqual(series.filter(({ t }) => t >= startTs && t <= endTs));
        },
      ),
    );
  });
});
