/**
 * What travels between client and service, the same over a MessagePort (structured clone) and a WebSocket (MessagePack,
 * see `message-pack.ts`). The host parses every incoming message with `clientMessage` before it looks at it, then the
 * input with the call's schema.
 *
 * A client chooses the ids: any non-negative integer that is not in use by an open call or subscription of its connection.
 * A call is answered by exactly one `result` or `error`; a subscription by any number of `event`s, or by one `error` and
 * nothing after it.
 */
import { z } from 'zod';
import type { ErrorValue } from './define.ts';

const id = z.number().int().min(0);
const name = z.string().min(1).max(64);

export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id, name, input: z.unknown() }),
  z.strictObject({ type: z.literal('abort'), id }),
  z.strictObject({ type: z.literal('subscribe'), id, name, input: z.unknown() }),
  z.strictObject({ type: z.literal('unsubscribe'), id }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export type HostMessage =
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; error: ErrorValue }
  | { type: 'event'; id: number; value: unknown };

/** Largest message a WebSocket client may send, in bytes; files go by POST /upload. */
export const maxClientMessageBytes = 1 << 20;

/** Close codes of the WebSocket, for the client's message. */
export const closeCodes = { badMessage: 4400, wrongToken: 4401, foreign: 4403, tooSlow: 4408, shuttingDown: 1001 } as const;
