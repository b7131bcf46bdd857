import { answer, errorValue, subscribe, type Answering } from '../../engine/service/answer.ts';
import { AtelierError } from '../../engine/core/errors.ts';
import type { Logger } from '../../engine/core/log.ts';
import { clientMessage, type HostMessage } from '../contract/wire.ts';

/** One client, whatever the transport. */
export interface Connection {
  /** Takes one message as it came; never throws. Returns false when it was not a message of the contract. */
  receive(message: unknown): boolean;
  /** Ends subscriptions and aborts what runs; nothing is sent afterwards. */
  close(): void;
}

const maxOpenCalls = 256;
const maxSubscriptions = 64;

/**
 * Validates what a client sends, runs it on the service and answers by `send`.
 * @param send may throw (a value that cannot be sent, a closed port): the client then gets an error, or nothing
 */
export function openConnection(service: Answering, send: (message: HostMessage) => void, log: Logger): Connection {
  const open = new Map<number, AbortController>();
  const subscriptions = new Map<number, () => void>();
  let closed = false;

  const post = (message: HostMessage): void => {
    if (closed) return;
    try {
      send(message);
    } catch (error) {
      log.error(`An answer could not be sent: ${String(error)}`);
      if (message.type !== 'result') return;
      try {
        send({ type: 'error', id: message.id, error: errorValue(error, 'sending the answer') });
      } catch {
        closed = true; // the transport is gone; its own close event follows
      }
    }
  };
  const fail = (id: number, error: unknown): void => post({ type: 'error', id, error: errorValue(error) });

  function call(id: number, name: string, input: unknown): void {
    if (open.size >= maxOpenCalls) return fail(id, new AtelierError('busy', `More than ${maxOpenCalls} calls are open.`, 'Wait for some to be answered.'));
    const controller = new AbortController();
    open.set(id, controller);
    answer(service, name, input, controller.signal)
      .then((value) => post({ type: 'result', id, value: value ?? null }), (error: unknown) => fail(id, error))
      .finally(() => open.delete(id));
  }

  function follow(id: number, name: string, input: unknown): void {
    if (subscriptions.size >= maxSubscriptions) {
      return fail(id, new AtelierError('busy', `More than ${maxSubscriptions} subscriptions are open.`, 'End some first.'));
    }
    // The id counts as taken while the subscriber sends its first event.
    let ended = false;
    subscriptions.set(id, () => (ended = true));
    try {
      const stop = subscribe(service, name, input, (value) => {
        if (!ended) post({ type: 'event', id, value });
      });
      subscriptions.set(id, () => {
        ended = true;
        stop();
      });
    } catch (error) {
      subscriptions.delete(id);
      fail(id, error);
    }
  }

  return {
    receive(raw) {
      if (closed) return true;
      const parsed = clientMessage.safeParse(raw);
      if (!parsed.success) {
        log.warn('A message that does not match the contract was refused.');
        const id = idOf(raw);
        if (id !== null) fail(id, new AtelierError('bad-input', 'The message does not match the contract.', 'The window and the engine may be of different versions; restart the application.'));
        return false;
      }
      const message = parsed.data;
      const { id } = message;
      if (message.type === 'abort') open.get(id)?.abort();
      else if (message.type === 'unsubscribe') {
        subscriptions.get(id)?.();
        subscriptions.delete(id);
      } else if (open.has(id) || subscriptions.has(id)) {
        fail(id, new AtelierError('bad-input', `The id ${id} is in use.`, 'Choose another id.'));
        return false;
      } else if (message.type === 'call') call(id, message.name, message.input);
      else follow(id, message.name, message.input);
      return true;
    },
    close() {
      closed = true;
      for (const controller of open.values()) controller.abort();
      for (const stop of subscriptions.values()) stop();
      open.clear();
      subscriptions.clear();
    },
  };
}

/** The id of a message that is otherwise broken, so that its sender need not wait for ever. */
function idOf(raw: unknown): number | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const { type, id } = raw as { type?: unknown; id?: unknown };
  return (type === 'call' || type === 'subscribe') && typeof id === 'number' && Number.isInteger(id) && id >= 0 ? id : null;
}
