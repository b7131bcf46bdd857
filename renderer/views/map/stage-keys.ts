import { dollied, orbited } from '../../scene/camera/pose.ts';
import type { MapScene } from '../../scene/map-scene.ts';
import { nudged } from '../../scene/probe-motion.ts';
import type { CloudSession } from './cloud-session.ts';

const thrusts: Record<string, ['right' | 'up' | 'forward', 1 | -1]> = {
  w: ['forward', 1], s: ['forward', -1], a: ['right', -1], d: ['right', 1], q: ['up', -1], e: ['up', 1],
};

/** Keys while the canvas has the focus: arrows turn the map or move the probe, plus and minus zoom, W A S D fly. */
export function stageKeys(scene: MapScene, session: Pick<CloudSession, 'probe' | 'setProbe'>): { down(event: KeyboardEvent): void; up(event: KeyboardEvent): void; letGo(): void } {
  const { rig } = scene.stage;
  return {
    down(event) {
      if (event.ctrlKey || event.metaKey) return;
      const { frame } = scene.stage;
      const { height } = frame.view;
      const fly = thrusts[event.key.toLowerCase()];
      const [right, up] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
      const away = { PageUp: 1, PageDown: -1 }[event.key] ?? 0;
      const times = event.shiftKey ? 10 : 1;
      if (fly && rig.mode === 'fly') rig.thrust[fly[0]] = fly[1];
      else if (session.probe && (right || up || away)) session.setProbe(nudged(rig.pose, frame.view, session.probe, right * times, up * times, away * times));
      else if (right || up) rig.set(orbited(rig.pose, -right * 12 * times, up * 12 * times, height));
      else if (away || event.key === '+' || event.key === '=' || event.key === '-') rig.set(dollied(rig.pose, away < 0 || event.key === '-' ? 1.15 : 1 / 1.15, 0, 0, height));
      else return;
      scene.stage.invalidate();
      event.preventDefault();
      event.stopPropagation();
    },
    up(event) {
      const fly = thrusts[event.key.toLowerCase()];
      if (fly) rig.thrust[fly[0]] = 0;
    },
    letGo() {
      rig.thrust.right = rig.thrust.up = rig.thrust.forward = 0;
    },
  };
}
