import { client } from '../services/client.ts';
import type { ConnectionState } from '../services/make-client.ts';

class Connection {
  state = $state<ConnectionState>('connecting');
  why = $state('');
  /** Times the line was opened; effects that read it load again after a restart of the engine. */
  lives = $state(0);

  constructor() {
    client.onState((state, why) => {
      this.state = state;
      this.why = why;
      if (state === 'open') this.lives++;
    });
  }
}

export const connection = new Connection();
