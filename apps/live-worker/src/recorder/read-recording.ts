import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { constants, createGunzip } from 'node:zlib';
import { type RecordedLine, readRecordedLine } from './recorded-line';

/**
 * Reads a file of a recording line by line. A file whose writer was killed ends with its last whole line.
 * @throws Error that names the file and the line of what cannot be read in the middle of it.
 */
export async function* readRecording(path: string): AsyncGenerator<RecordedLine> {
  const unzipped = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  createReadStream(path)
    .on('error', (error) => unzipped.destroy(error))
    .pipe(unzipped);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let number = 0;
  for await (const chunk of unzipped) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number += 1;
      const line = readRecordedLine(text);
      if (!line.ok) throw new Error(`${path}, line ${number}: ${line.refusal.path} ${line.refusal.reason}`);
      yield line.value;
    }
  }
}
