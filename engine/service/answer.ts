import { calls, streams, type CallName, type Cancellation, type Handlers, type StreamName, type Subscribers } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError, type ErrorValue } from '../core/errors.ts';
import { describeIssues } from './describe-issues.ts';

/** The two tables of the contract, implemented. */
export interface Answering {
  readonly handlers: Handlers;
  readonly subscribers: Subscribers;
}

const has = <T extends object>(table: T, name: string): name is Extract<keyof T, string> => Object.hasOwn(table, name);

/**
 * Answers one call whose name and input nobody has checked yet.
 * @throws AtelierError 'bad-input' when there is no such call or the input does not match its schema; else what the call throws
 */
export async function answer(service: Answering, name: string, input: unknown, signal: Cancellation): Promise<unknown> {
  if (!has(calls, name)) throw unknownName('call', name);
  const parsed = calls[name].input.safeParse(input ?? {});
  if (!parsed.success) throw mismatch(name, parsed.error);
  const handler = service.handlers[name] as (input: unknown, signal: Cancellation) => Promise<unknown>;
  try {
    return await handler(parsed.data, signal);
  } catch (error) {
    throw toAtelierError(error, `answering ${name}`);
  }
}

/**
 * Opens one subscription whose name and input nobody has checked yet.
 * @returns a function that ends it
 * @throws AtelierError 'bad-input' as `answer` does
 */
export function subscribe(service: Answering, name: string, input: unknown, emit: (event: unknown) => void): () => void {
  if (!has(streams, name)) throw unknownName('stream', name);
  const parsed = streams[name as StreamName].input.safeParse(input ?? {});
  if (!parsed.success) throw mismatch(name, parsed.error);
  const subscriber = service.subscribers[name as StreamName] as (input: unknown, emit: (event: unknown) => void) => () => void;
  try {
    return subscriber(parsed.data, emit);
  } catch (error) {
    throw toAtelierError(error, `subscribing to ${name}`);
  }
}

/** What a transport sends instead of a result. */
export const errorValue = (error: unknown, doing?: string): ErrorValue => toAtelierError(error, doing).toValue();

/** Names of all calls, for tests and help. */
export const callNames = Object.keys(calls) as CallName[];

function unknownName(what: string, name: string): AtelierError {
  return new AtelierError('bad-input', `There is no ${what} named "${name}".`, 'The window and the engine may be of different versions; restart the application.');
}

function mismatch(name: string, error: Parameters<typeof describeIssues>[0]): AtelierError {
  return new AtelierError('bad-input', `${name}: ${describeIssues(error)}.`, 'Correct the values named and try again.');
}
