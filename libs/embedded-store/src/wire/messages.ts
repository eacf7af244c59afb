import { BsonType } from '../documents/bson-type';
import { MAX_NESTING, validateDocument } from '../documents/raw-document';
import { RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';

export const OpCode = { reply: 1, query: 2004, message: 2013 } as const;

export const HEADER_BYTES = 16;
/** Longest message a client may send, as hello says. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** Largest document in a message: the largest one that is stored, and what a command puts around it. */
const MAX_SECTION_DOCUMENT_BYTES = 16 * 1024 * 1024 + 16 * 1024;
/** Most documents in a section, as hello says. */
const MAX_SEQUENCE_DOCUMENTS = 100_000;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const REQUIRED_FLAGS = 0xffff;

export interface Header {
  readonly length: number;
  readonly requestId: number;
  readonly opCode: number;
}

export function readHeader(bytes: Buffer, at: number): Header {
  return { length: bytes.readInt32LE(at), requestId: bytes.readInt32LE(at + 4), opCode: bytes.readInt32LE(at + 12) };
}

/** One command as a message carries it: its body, and documents that came in sections of their own. */
export interface CommandMessage {
  readonly body: RawValue;
  readonly sequences: ReadonlyMap<string, readonly RawValue[]>;
  readonly wantsReply: boolean;
}

/** A command may hold a document as deep as documents get, inside a list. */
const COMMAND_LEVELS = MAX_NESTING + 2;

function document(bytes: Buffer, start: number, limit: number, levels = MAX_NESTING): RawValue {
  const length = start + 4 <= limit ? bytes.readInt32LE(start) : 0;
  if (length > MAX_SECTION_DOCUMENT_BYTES) {
    throw new StoreError(
      'BSONObjectTooLarge',
      `BSONObj size: ${length} is invalid. Size must be between 0 and ${MAX_SECTION_DOCUMENT_BYTES}(16MB)`,
    );
  }
  return new RawValue(BsonType.object, bytes, start, validateDocument(bytes, start, limit, levels));
}

function protocolError(message: string): StoreError {
  return new StoreError('ProtocolError', message);
}

function readSequence(
  bytes: Buffer,
  start: number,
  limit: number,
): { name: string; documents: RawValue[]; end: number } {
  if (start + 4 > limit) throw protocolError('a document sequence is cut off');
  const end = start + bytes.readInt32LE(start);
  if (end > limit || end < start + 5) throw protocolError('a document sequence does not fit its length');
  const nameEnd = bytes.indexOf(0, start + 4);
  if (nameEnd === -1 || nameEnd >= end) throw protocolError('a document sequence has no name');
  const documents: RawValue[] = [];
  for (let at = nameEnd + 1; at < end;) {
    const next = document(bytes, at, end);
    if (documents.length === MAX_SEQUENCE_DOCUMENTS)
      throw new StoreError('InvalidLength', `a document sequence has more than ${MAX_SEQUENCE_DOCUMENTS} documents`);
    documents.push(next);
    at = next.end;
  }
  return { name: bytes.toString('utf8', start + 4, nameEnd), documents, end };
}

/** Reads an OP_MSG whose header lies before `start`. @throws StoreError when it is malformed. */
export function readMessage(bytes: Buffer): CommandMessage {
  if (bytes.length < HEADER_BYTES + 5) throw protocolError('OP_MSG is too short');
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  if ((flags & CHECKSUM_PRESENT) !== 0) throw protocolError('OP_MSG with a checksum is not served; send it without');
  if ((flags & REQUIRED_FLAGS & ~MORE_TO_COME) !== 0) throw protocolError(`OP_MSG has unknown flags ${flags}`);
  const limit = bytes.length;
  const sequences = new Map<string, RawValue[]>();
  let body: RawValue | null = null;
  for (let at = HEADER_BYTES + 4; at < limit;) {
    const kind = bytes[at];
    if (kind === 0) {
      if (body !== null) throw protocolError('OP_MSG has two bodies');
      body = document(bytes, at + 1, limit, COMMAND_LEVELS);
      at = body.end;
    } else if (kind === 1) {
      const { name, documents, end } = readSequence(bytes, at + 1, limit);
      if (sequences.has(name)) throw protocolError(`OP_MSG has two sequences named ${name}`);
      sequences.set(name, documents);
      at = end;
    } else throw protocolError(`OP_MSG has a section of unknown kind ${kind}`);
  }
  if (body === null) throw protocolError('OP_MSG has no body');
  return { body, sequences, wantsReply: (flags & MORE_TO_COME) === 0 };
}

/** Reads the document of an OP_QUERY, which only the first hello of a connection uses. */
export function readQuery(bytes: Buffer): RawValue {
  const nameStart = HEADER_BYTES + 4;
  const nameEnd = bytes.indexOf(0, nameStart);
  if (nameEnd === -1 || nameEnd + 9 > bytes.length) throw protocolError('OP_QUERY is too short');
  const name = bytes.toString('utf8', nameStart, nameEnd);
  if (!name.endsWith('.$cmd')) throw protocolError('OP_QUERY is only served for hello');
  return document(bytes, nameEnd + 9, bytes.length);
}

function writeHeader(bytes: Buffer, length: number, responseTo: number, opCode: number): void {
  bytes.writeInt32LE(length, 0);
  bytes.writeInt32LE(0, 4);
  bytes.writeInt32LE(responseTo, 8);
  bytes.writeInt32LE(opCode, 12);
}

/** A reply up to this size is sent in one piece with its header: copying it costs less than a second buffer to write. */
const JOINED_BYTES = 32 * 1024;

/** The pieces to send of a reply behind the head that `write` writes. */
function framed(headBytes: number, reply: Buffer, write: (head: Buffer) => void): Buffer[] {
  const isJoined = reply.length <= JOINED_BYTES;
  const first = Buffer.allocUnsafe(isJoined ? headBytes + reply.length : headBytes);
  write(first);
  if (!isJoined) return [first, reply];
  reply.copy(first, headBytes);
  return [first];
}

/** Frames a reply to an OP_MSG, as the pieces to send. */
export function frameMessage(responseTo: number, reply: Buffer): Buffer[] {
  const size = HEADER_BYTES + 5;
  return framed(size, reply, (head) => {
    writeHeader(head, size + reply.length, responseTo, OpCode.message);
    head.writeUInt32LE(0, HEADER_BYTES);
    head[HEADER_BYTES + 4] = 0;
  });
}

/** Frames a reply to an OP_QUERY. */
export function frameQueryReply(responseTo: number, reply: Buffer): Buffer[] {
  const size = HEADER_BYTES + 20;
  return framed(size, reply, (head) => {
    writeHeader(head, size + reply.length, responseTo, OpCode.reply);
    head.writeInt32LE(8, HEADER_BYTES);
    head.writeBigInt64LE(0n, HEADER_BYTES + 4);
    head.writeInt32LE(0, HEADER_BYTES + 12);
    head.writeInt32LE(1, HEADER_BYTES + 16);
  });
}
