import { hash2, hash3, mix32 } from './random';

/**
 * Condition, question and token ids carry their market's index, masked, in their last 32 bits: 100,000 markets need no table to be
 * found by any of them. Known limitation: the ids are not derived from each other as on the chain.
 */

/** Outcomes one market may have. */
const OUTCOMES = 8;

type IdKind = 'condition' | 'question' | 'token' | 'request';
const SALT: Record<IdKind, number> = { condition: 1, question: 2, token: 3, request: 4 };

const BYTES = Buffer.alloc(32);

function id64(seed: number, kind: IdKind, payload: number): string {
  const salt = hash2(seed, SALT[kind]);
  let fold = salt;
  for (let word = 0; word < 7; word += 1) {
    const bits = hash3(salt, payload, word);
    fold = mix32(fold ^ bits);
    BYTES.writeUInt32BE(bits, word * 4);
  }
  BYTES.writeUInt32BE((fold ^ payload) >>> 0, 28);
  return BYTES.toString('hex');
}

/** Returns the payload an id was made from, or null for text that is not an id of this kind and seed. */
function payloadOf(seed: number, kind: IdKind, text: string): number | null {
  if (!/^[0-9a-f]{64}$/.test(text)) return null;
  let fold = hash2(seed, SALT[kind]);
  for (let word = 0; word < 7; word += 1) fold = mix32(fold ^ parseInt(text.slice(word * 8, word * 8 + 8), 16));
  const payload = (fold ^ parseInt(text.slice(56), 16)) >>> 0;
  return id64(seed, kind, payload) === text ? payload : null;
}

/** 0x + 64 hex digits. */
export function conditionId(seed: number, index: number): string {
  return `0x${id64(seed, 'condition', index)}`;
}

export function indexOfConditionId(seed: number, text: string): number | null {
  return text.startsWith('0x') ? payloadOf(seed, 'condition', text.slice(2)) : null;
}

/** 0x + 64 hex digits; of a market that is not part of a neg-risk event. */
export function questionId(seed: number, index: number): string {
  return `0x${id64(seed, 'question', index)}`;
}

/** 0x + 62 hex digits + "00": the id a neg-risk event's question ids share, with the question's number as last byte. */
export function negRiskMarketId(seed: number, eventIndex: number): string {
  return `0x${id64(seed, 'request', eventIndex).slice(0, 62)}00`;
}

export function negRiskQuestionId(seed: number, eventIndex: number, position: number): string {
  return negRiskMarketId(seed, eventIndex).slice(0, 64) + (position & 0xff).toString(16).padStart(2, '0');
}

export function negRiskRequestId(seed: number, index: number): string {
  return `0x${id64(seed, 'request', index + 0x40000000)}`;
}

/** A uint256 in decimal digits. */
export function tokenId(seed: number, index: number, outcome: number): string {
  return BigInt(`0x${id64(seed, 'token', index * OUTCOMES + outcome)}`).toString();
}

export function ownerOfTokenId(seed: number, text: string): { index: number; outcome: number } | null {
  if (!/^[1-9][0-9]{0,77}$/.test(text)) return null;
  const payload = payloadOf(seed, 'token', BigInt(text).toString(16).padStart(64, '0'));
  return payload === null ? null : { index: Math.floor(payload / OUTCOMES), outcome: payload % OUTCOMES };
}

/** 0x + 40 hex digits. */
export function address(seed: number, payload: number): string {
  return `0x${id64(seed, 'request', payload + 0x60000000).slice(0, 40)}`;
}
