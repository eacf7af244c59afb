import type { Socket } from 'node:net';
import { Arguments } from '../commands/arguments';
import { Breather } from '../commands/breather';
import { dispatch } from '../commands/dispatcher';
import { firstName } from '../commands/read-commands';
import { errorReply, toStoreError } from '../commands/replies';
import type { Engine } from '../commands/request';
import { helloReply } from '../commands/server-commands';
import type { RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { commandShape, type CommandShape, type Sequences } from '../shapes/command-shape';
import { hostAndPort } from '../storage/lock-file';
import type { ByteBudget } from './byte-budget';
import type { LargeAnswerPlace, LargeAnswers } from '../commands/large-answers';
import { MessageAssembler } from './message-assembler';
import { frameMessage, frameQueryReply, type Header, OpCode, readHeader, readMessage, readQuery } from './messages';

/** Messages waiting beyond this pause the socket, so that a fast sender cannot fill the memory. */
const QUEUE_LIMIT = 4;

/** What a connection shares with all others. */
export interface ConnectionContext {
  readonly engine: Engine;
  /** Bytes of messages not yet received whole, and of answers not yet read. */
  readonly budget: ByteBudget;
  readonly largeAnswers: LargeAnswers;
  /** Those whose client has not read its answer, the slowest first. */
  readonly unread: Set<Connection>;
  readonly now: () => number;
  /** Told the shape of every command before it runs. */
  readonly observe: ((shape: CommandShape) => void) | undefined;
}

/** An IPv4 address as a socket for both kinds names it. */
const MAPPED = /^::ffff:(?=[\d.]+$)/;

/** The address a client has reached the store under: of an address that stands for all, what it stands for here. */
const addressOf = ({ localAddress }: Socket, { host, port }: Engine): string =>
  hostAndPort(localAddress?.replace(MAPPED, '') ?? host, port);

/** One client: reads its messages and answers them one after the other. */
export class Connection {
  readonly #assembler = new MessageAssembler();
  readonly #queue: Buffer[] = [];
  #working = false;
  /** True once the stream made no sense: nothing more is read. */
  #broken = false;
  /** What this connection holds of the budget: for a message that is still coming, and for an answer the client does not read. */
  #heldIn = 0;
  #heldOut = 0;
  #receivedAt: number;
  readonly #address: string;
  #blockedSince: number | null = null;

  constructor(
    private readonly context: ConnectionContext,
    private readonly socket: Socket,
    readonly id: number,
  ) {
    this.#receivedAt = context.now();
    this.#address = addressOf(socket, context.engine);
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#receive(piece));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#letGo());
  }

  /** Hangs up when half a message came and then nothing for too long, or when the client has stopped reading its answer. */
  hangUpIfStalled(limits: { readonly frameIdleMs: number; readonly unreadReplyMs: number }): void {
    const now = this.context.now();
    if (this.#assembler.pendingBytes > 0 && !this.#working && now - this.#receivedAt > limits.frameIdleMs)
      this.#drop(`${this.#assembler.pendingBytes} bytes of a message came, and nothing more`);
    else if (this.#blockedSince !== null && now - this.#blockedSince > limits.unreadReplyMs)
      this.#drop('the client does not read its answer');
  }

  #drop(reason: string): void {
    this.context.engine.logger.info({ connection: this.id, reason }, 'connection closed');
    this.socket.destroy();
  }

  #letGo(): void {
    this.#queue.length = 0;
    this.#assembler.clear();
    this.context.unread.delete(this);
    this.context.budget.give(this.#heldIn + this.#heldOut);
    this.#heldIn = 0;
    this.#heldOut = 0;
  }

  #receive(piece: Buffer): void {
    if (this.#broken) return;
    this.#receivedAt = this.context.now();
    this.#assembler.push(piece);
    try {
      for (let message = this.#assembler.next(); message !== null; message = this.#assembler.next())
        this.#queue.push(message);
    } catch (error) {
      this.#fail(toStoreError(error));
      return;
    }
    if (!this.#holdIncoming()) {
      this.#drop(`clients together have more than ${this.context.budget.limit} bytes of unfinished messages`);
      return;
    }
    if (this.#queue.length > QUEUE_LIMIT || (this.#working && this.#queue.length > 0)) this.socket.pause();
    if (!this.#working && this.#queue.length > 0) void this.#work();
  }

  /** Accounts for the message that is still coming; false when that is more than all connections may hold. */
  #holdIncoming(): boolean {
    const { budget } = this.context;
    budget.give(this.#heldIn);
    this.#heldIn = 0;
    const { pendingBytes } = this.#assembler;
    if (!budget.take(pendingBytes)) return false;
    this.#heldIn = pendingBytes;
    return true;
  }

  /** The stream cannot be read any further: says why and hangs up. */
  #fail(error: StoreError, responseTo = 0): void {
    this.#broken = true;
    this.#letGo();
    this.context.engine.logger.info(
      { connection: this.id, reason: error.message },
      'connection closed on a malformed message',
    );
    for (const part of frameMessage(responseTo, errorReply(error))) this.socket.write(part);
    this.socket.destroySoon();
  }

  async #work(): Promise<void> {
    this.#working = true;
    const breather = new Breather();
    let requestId = 0;
    try {
      for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
        if (this.socket.destroyed) return;
        const header = readHeader(message, 0);
        ({ requestId } = header);
        const pending = this.#answer(header, message);
        if (pending !== null) await pending;
        if (this.#queue.length === 0) this.socket.resume();
        if (breather.isDue) await breather.rest();
      }
    } catch (error) {
      this.#fail(toStoreError(error), requestId);
    } finally {
      this.#working = false;
      this.#receivedAt = this.context.now();
    }
  }

  /** Answers a message; what it returns waits for the answer, and while the client does not read it. */
  #answer(header: Header, message: Buffer): Promise<unknown> | null {
    if (header.opCode === OpCode.query)
      return this.#send(frameQueryReply(header.requestId, this.#answerQuery(readQuery(message))));
    if (header.opCode !== OpCode.message)
      throw new StoreError('ProtocolError', `operation code ${header.opCode} is not served`);
    const { body, sequences, wantsReply } = readMessage(message);
    const name = firstName(body);
    this.#observe(body, sequences);
    const place = this.context.largeAnswers.place();
    const outcome = this.#run(new Arguments(name, body, sequences), place);
    const respond = (reply: Buffer): Promise<void> | null => {
      try {
        return wantsReply ? this.#send(frameMessage(header.requestId, reply)) : null;
      } finally {
        place.leave();
      }
    };
    if (!(outcome instanceof Promise)) return respond(outcome);
    return outcome.then(respond, (error: unknown) => {
      place.leave();
      throw error;
    });
  }

  #observe(body: RawValue, sequences?: Sequences): void {
    const { observe } = this.context;
    if (observe !== undefined) observe(commandShape(body, sequences));
  }

  #run(args: Arguments, place: LargeAnswerPlace): Buffer | Promise<Buffer> {
    try {
      return dispatch(this.context.engine, {
        name: args.subject,
        database: args.string('$db'),
        args,
        connectionId: this.id,
        address: this.#address,
        place,
        transaction: undefined,
        retryKey: undefined,
      });
    } catch (error) {
      return errorReply(toStoreError(error));
    }
  }

  #answerQuery(body: RawValue): Buffer {
    const name = firstName(body);
    this.#observe(body);
    if (name === 'ismaster' || name === 'hello') return helloReply(this.#address, this.id, name !== 'hello');
    return errorReply(
      new StoreError('CommandNotSupported', `OP_QUERY is only served for hello; send ${name} as OP_MSG`),
    );
  }

  /** Writes a reply; what it returns waits while the client does not read. */
  #send(parts: readonly Buffer[]): Promise<void> | null {
    if (parts.length > 1) this.socket.cork();
    let room = true;
    for (const part of parts) room = this.socket.write(part);
    if (parts.length > 1) this.socket.uncork();
    return room || this.socket.destroyed ? null : this.#untilRead();
  }

  async #untilRead(): Promise<void> {
    const { now, unread } = this.context;
    if (!this.#holdUnread(this.socket.writableLength)) return;
    this.#blockedSince = now();
    unread.add(this);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
    this.#blockedSince = null;
    unread.delete(this);
    this.context.budget.give(this.#heldOut);
    this.#heldOut = 0;
  }

  /** Accounts for an answer that is not read; where it does not fit, those who have not read theirs for longest are hung up on. */
  #holdUnread(bytes: number): boolean {
    const { budget, unread } = this.context;
    const reason = `clients together have not read more than ${budget.limit} bytes of answers, and this one is the slowest`;
    while (!budget.take(bytes)) {
      const [slowest = this] = unread;
      slowest.#drop(reason);
      slowest.#letGo();
      if (slowest === this) return false;
    }
    this.#heldOut = bytes;
    return true;
  }
}
