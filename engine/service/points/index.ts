import type { Handlers, Subscribers } from '../../../electron/contract/index.ts';
import type { Core } from '../core.ts';
import type { VoiceCache } from '../voice/voice-cache.ts';
import { exploreCallHandlers } from './explore-calls.ts';
import { keepCallHandlers } from './keep-calls.ts';
import { layoutCallHandlers } from './layout-calls.ts';
import { outCallHandlers } from './out-calls.ts';
import { pointCallHandlers } from './point-calls.ts';
import { Sources } from './sources.ts';

type PointCalls = Extract<keyof Handlers, `points.${string}` | `layouts.${string}` | `explore.${string}` | `codebook.${string}` | `tables.${string}` | `saved.${string}` | `out.${string}` | `film.${string}`>;

/** Everything a map of points is asked. `close` lets go of what is open. */
export function pointService(core: Core, voices: VoiceCache): { handlers: Pick<Handlers, PointCalls>; subscribers: Pick<Subscribers, 'layouts.frames'>; close(): Promise<void> } {
  const sources = new Sources(core, voices);
  const layouts = layoutCallHandlers(core, sources);
  return {
    handlers: { ...pointCallHandlers(core, sources), ...layouts.handlers, ...exploreCallHandlers(core, sources), ...keepCallHandlers(core, sources), ...outCallHandlers(sources) },
    subscribers: layouts.subscribers,
    close: () => sources.closeAll(),
  };
}
