import type { Socket } from 'node:net';
import { Arguments } from '../commands/arguments';
import { dispatch } from '../commands/dispatcher';
import { commandName } from '../commands/read-commands';
import { errorReply, toStoreError } from '../commands/replies';
import type { Engine } from '../commands/request';
import { helloReply } from '../commands/server-commands';
import type { RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import {
  frameMessage,
  frameQueryReply,
  type Header,
  HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  OpCode,
  readHeader,
  readMessage,
  readQuery,
} from './messages';

/** Collects the bytes of a socket into whole messages. */
export class MessageAssembler {
  #pieces: Buffer[] = [];
  #length = 0;

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The next whole message, or null until more bytes come. @throws StoreError when the stream makes no sense. */
  next(): Buffer | null {
    if (this.#length < HEADER_BYTES) return null;
    const { length } = readHeader(this.#peek(HEADER_BYTES), 0);
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
      throw new StoreError(
        'ProtocolError',
        `a message of ${length} bytes is refused; allowed are ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES}`,
      );
    }
    return this.#length < length ? null : this.#take(length);
  }

  #peek(size: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= size) return first;
    this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  #take(size: number): Buffer {
    const all = this.#peek(size);
    const rest = all.subarray(size);
    this.#pieces = rest.length === 0 ? this.#pieces.slice(1) : [rest, ...this.#pieces.slice(1)];
    this.#length -= size;
    return all.subarray(0, size);
  }
}

/** Messages waiting beyond this pause the socket, so that a fast sender cannot fill the memory. */
const QUEUE_LIMIT = 4;

/** One client: reads its messages and answers them one after the other. */
export class Connection {
  readonly #assembler = new MessageAssembler();
  readonly #queue: Buffer[] = [];
  #working = false;

  constructor(
    private readonly engine: Engine,
    private readonly socket: Socket,
    readonly id: number,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#receive(piece));
    socket.on('error', () => socket.destroy());
  }

  #receive(piece: Buffer): void {
    this.#assembler.push(piece);
    try {
      for (let message = this.#assembler.next(); message !== null; message = this.#assembler.next())
        this.#queue.push(message);
    } catch (error) {
      this.#fail(toStoreError(error));
      return;
    }
    if (this.#queue.length > QUEUE_LIMIT) this.socket.pause();
    if (!this.#working && this.#queue.length > 0) void this.#work();
  }

  /** The stream cannot be read any further: says why and hangs up. */
  #fail(error: StoreError, responseTo = 0): void {
    this.engine.logger.info({ connection: this.id, reason: error.message }, 'connection closed on a malformed message');
    for (const part of frameMessage(responseTo, errorReply(error))) this.socket.write(part);
    this.socket.destroySoon();
  }

  async #work(): Promise<void> {
    this.#working = true;
    let requestId = 0;
    try {
      for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
        if (this.socket.destroyed) return;
        const header = readHeader(message, 0);
        ({ requestId } = header);
        await this.#answer(header, message);
        if (this.#queue.length === 0) this.socket.resume();
      }
    } catch (error) {
      this.#fail(toStoreError(error), requestId);
    } finally {
      this.#working = false;
    }
  }

  async #answer(header: Header, message: Buffer): Promise<void> {
    if (header.opCode === OpCode.message) await this.#answerMessage(header, message);
    else if (header.opCode === OpCode.query)
      await this.#send(frameQueryReply(header.requestId, this.#answerQuery(readQuery(message))));
    else throw new StoreError('ProtocolError', `operation code ${header.opCode} is not served`);
  }

  async #answerMessage(header: Header, message: Buffer): Promise<void> {
    const { body, sequences, wantsReply } = readMessage(message);
    const { name } = commandName(body);
    const args = new Arguments(name, body, sequences);
    const reply = await this.#run(name, args);
    if (wantsReply) await this.#send(frameMessage(header.requestId, reply));
  }

  async #run(name: string, args: Arguments): Promise<Buffer> {
    try {
      const database = args.string('$db');
      return await dispatch(this.engine, { name, database, args, connectionId: this.id });
    } catch (error) {
      return errorReply(toStoreError(error));
    }
  }

  #answerQuery(body: RawValue): Buffer {
    const { name } = commandName(body);
    if (name === 'ismaster' || name === 'isMaster' || name === 'hello')
      return helloReply(this.engine, this.id, name !== 'hello');
    return errorReply(
      new StoreError('CommandNotSupported', `OP_QUERY is only served for hello; send ${name} as OP_MSG`),
    );
  }

  /** Writes a reply; waits while the client does not read. */
  async #send(parts: readonly Buffer[]): Promise<void> {
    this.socket.cork();
    let room = true;
    for (const part of parts) room = this.socket.write(part);
    this.socket.uncork();
    if (room || this.socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
  }
}
