import type { Client, ErrorValue, InputOf, OutputOf, CallName, Calls } from '../../electron/contract/index.ts';
import type { ClientMessage, HostMessage } from '../../electron/contract/wire.ts';
import type { Link } from './link.ts';

export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused';

/** The contract's client, with cancellation and the state of the line. */
export interface AppClient extends Client {
  /** @throws ErrorValue-shaped rejections, also when the line breaks before the answer came ('unavailable') */
  call<N extends CallName>(name: N, input: InputOf<Calls[N]>, options?: { signal?: AbortSignal }): Promise<OutputOf<Calls[N]>>;
  readonly state: ConnectionState;
  /** Called at once and at every change. */
  onState(listener: (state: ConnectionState, why: string) => void): () => void;
  close(): void;
}

interface Pending {
  message: ClientMessage;
  sent: boolean;
  resolve(value: unknown): void;
  reject(error: ErrorValue): void;
}

const unavailable = (message: string): ErrorValue => ({
  code: 'unavailable',
  message,
  remedy: 'It restarts by itself; try again in a moment. Trained work is safe in its last checkpoint.',
});

/**
 * Calls made while the line is down wait for it. Calls whose answer was lost with the line reject, because they may
 * have had an effect. Subscriptions are made again whenever the line comes back.
 */
export function makeClient(link: Link): AppClient {
  const pending = new Map<number, Pending>();
  const subscriptions = new Map<number, { message: ClientMessage; on: (event: never) => void }>();
  const listeners = new Set<(state: ConnectionState, why: string) => void>();
  let nextId = 1;
  let state: ConnectionState = 'connecting';
  let why = '';

  const setState = (next: ConnectionState, reason: string): void => {
    state = next;
    why = reason;
    for (const listener of [...listeners]) listener(state, why);
  };
  const flush = (call: Pending): void => {
    call.sent = true;
    link.send(call.message);
  };

  link.start({
    open() {
      setState('open', '');
      for (const { message } of subscriptions.values()) link.send(message);
      for (const call of pending.values()) if (!call.sent) flush(call);
    },
    message(message: HostMessage) {
      if (message.type === 'event') {
        (subscriptions.get(message.id)?.on as ((event: unknown) => void) | undefined)?.(message.value);
        return;
      }
      const call = pending.get(message.id);
      if (!call) {
        if (message.type === 'error' && subscriptions.delete(message.id)) console.warn('A subscription ended:', message.error.message);
        return;
      }
      pending.delete(message.id);
      if (message.type === 'result') call.resolve(message.value);
      else call.reject(message.error);
    },
    close(reason, final) {
      for (const [id, call] of pending) {
        if (!call.sent && !final) continue;
        pending.delete(id);
        call.reject(unavailable(reason));
      }
      setState(final ? 'refused' : 'lost', reason);
    },
  });

  return {
    get state() {
      return state;
    },
    onState(listener) {
      listeners.add(listener);
      listener(state, why);
      return () => listeners.delete(listener);
    },
    call: (name, input, options) =>
      new Promise((resolve, reject) => {
        const cancelled = (): ErrorValue => ({ code: 'cancelled', message: 'It was called off.', remedy: '' });
        if (options?.signal?.aborted) return reject(cancelled());
        if (state === 'refused') return reject(unavailable(why));
        const id = nextId++;
        const call: Pending = { message: { type: 'call', id, name, input }, sent: false, resolve: resolve as (value: unknown) => void, reject };
        pending.set(id, call);
        if (state === 'open') flush(call);
        options?.signal?.addEventListener(
          'abort',
          () => {
            if (!pending.delete(id)) return;
            if (call.sent) link.send({ type: 'abort', id });
            reject(cancelled());
          },
          { once: true },
        );
      }),
    subscribe(name, input, on) {
      const id = nextId++;
      const message: ClientMessage = { type: 'subscribe', id, name, input };
      subscriptions.set(id, { message, on: on as (event: never) => void });
      if (state === 'open') link.send(message);
      return () => {
        if (subscriptions.delete(id) && state === 'open') link.send({ type: 'unsubscribe', id });
      };
    },
    close() {
      link.stop();
      for (const call of pending.values()) call.reject(unavailable('The window is closing.'));
      pending.clear();
      subscriptions.clear();
    },
  };
}
