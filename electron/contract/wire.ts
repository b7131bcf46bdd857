/**
 * What travels between client and service, the same over a MessagePort and a WebSocket (there as MessagePack).
 * The host parses every incoming message with `clientMessage` before it looks at it, then the input with the call's schema.
 */
import { z } from 'zod';
import type { ErrorValue } from './define.ts';

export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id: z.number().int(), name: z.string().max(64), input: z.unknown() }),
  z.strictObject({ type: z.literal('abort'), id: z.number().int() }),
  z.strictObject({ type: z.literal('subscribe'), id: z.number().int(), name: z.string().max(64), input: z.unknown() }),
  z.strictObject({ type: z.literal('unsubscribe'), id: z.number().int() }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export type HostMessage =
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; error: ErrorValue }
  | { type: 'event'; id: number; value: unknown };
