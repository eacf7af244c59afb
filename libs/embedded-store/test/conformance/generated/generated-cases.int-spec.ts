import { type Harness, startHarness } from '../../store-harness';
import { readRecording, type Recording } from './recording';
import { type Difference, replay } from './replay';

describe('generated cases, as the reference answered them', () => {
  let harness: Harness;
  let recording: Recording;

  beforeAll(async () => {
    harness = await startHarness();
    recording = await readRecording();
  });
  afterAll(() => harness.stop());

  it('are at least 5,000', () => {
    const cases = recording.portions.flatMap((portion) => portion.cases);
    expect(cases.length).toBe(recording.provenance.cases);
    expect(cases.length).toBeGreaterThanOrEqual(5000);
  });

  it('are answered the same, documents left behind included', async () => {
    const db = harness.database();
    const differences: Difference[] = [];
    for (const portion of recording.portions) differences.push(...(await replay(db, portion)));
    expect(differences).toEqual([]);
  }, 600_000);
});
