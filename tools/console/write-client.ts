import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import openapiTS, { astToString } from 'openapi-typescript';
import { version } from '../../package.json';
import { describeApi } from '../../apps/api/src';

/** Writes the types of every route of the api, from its OpenAPI document, to where the console imports them. */
async function writeClient(file: string): Promise<void> {
  const document = await describeApi(version);
  const types = astToString(await openapiTS(document as OpenAPIObject & Parameters<typeof openapiTS>[0]));
  mkdirSync(dirname(file), { recursive: true });
  // Others may be reading it: it is there whole, or as it was.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, types);
  renameSync(draft, file);
}

void writeClient(join(__dirname, '../../apps/console/src/api/generated/schema.d.ts'));
