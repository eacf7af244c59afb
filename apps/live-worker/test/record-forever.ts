import { StreamRecording } from '../src/recorder/stream-recording';

/** Records numbered frames until it is killed; says on its channel how many are written for certain. */
async function main(folder: string): Promise<void> {
  const recording = new StreamRecording({ folder, instance: 'killed' });
  for (let count = 0; ;) {
    for (let batch = 0; batch < 500; batch += 1, count += 1) {
      recording.frame(1, JSON.stringify({ number: count, padding: 'x'.repeat(count % 97) }), Date.UTC(2026, 10, 23));
    }
    await recording.flush();
    process.send?.({ written: count });
  }
}

void main(process.argv[2] ?? '');
