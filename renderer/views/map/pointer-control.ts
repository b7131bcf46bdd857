import { dollied, looked, orbited, panned } from '../../scene/camera/pose.ts';
import type { MapScene } from '../../scene/map-scene.ts';
import { deepened, draggedTo } from '../../scene/probe-motion.ts';
import { drawnTo, type ShapeDrag } from './shape-drag.ts';
import { brushRadius, type MapTool } from './tools.ts';

type Vec3 = [number, number, number];

export interface PointerEvents {
  hover(item: number): void;
  click(item: number, x: number, y: number, event: PointerEvent): void;
  doubleClick(item: number, x: number, y: number): void;
  moveProbe(position: Vec3): void;
  /** Something is held: hover cards stay away. */
  dragging(on: boolean): void;
  /** What a drag does just now. */
  tool(): MapTool;
  /** A selection is being drawn; null: called off. */
  shape(shape: ShapeDrag | null): void;
  /** It is done. */
  shaped(shape: ShapeDrag, event: PointerEvent): void;
}

/** Distance in pixels within which the probe is caught. */
const probeGrip = 18;
const clickSlop = 4;

/**
 * Mouse, pen and touch on the map: drag turns (or looks around, in fly mode), with shift or the other button it moves, the
 * wheel zooms towards the pointer, the probe is dragged on the plane that faces the camera and pushed with the wheel. With a
 * selection tool a drag draws a shape; the other button still turns, and the wheel over a brush stroke changes its width.
 * @returns takes all listeners off again
 */
export function controlPointer(canvas: HTMLCanvasElement, scene: MapScene, on: PointerEvents): () => void {
  const { rig } = scene.stage;
  const scope = new AbortController();
  let held: { id: number; kind: 'turn' | 'pan' | 'probe' | 'shape'; x: number; y: number; startX: number; startY: number; grip: [number, number] } | null = null;
  let shape: ShapeDrag | null = null;
  let radius: number = brushRadius.first;
  let hover: { x: number; y: number } | null = null;
  let request = 0;

  const place = (event: MouseEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const probeAt = (): { x: number; y: number; depth: number } | null => {
    const { probe } = scene.marked;
    return probe ? scene.project(...(probe as Vec3)) : null;
  };
  const overProbe = (x: number, y: number): boolean => {
    const at = probeAt();
    return at !== null && at.depth > 0 && Math.hypot(at.x - x, at.y - y) <= probeGrip;
  };
  const listen = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void, passive = true): void =>
    canvas.addEventListener(type, listener, { signal: scope.signal, passive });

  listen('pointerdown', (event) => {
    if (held) return;
    const [x, y] = place(event);
    const grabsProbe = event.button === 0 && overProbe(x, y);
    const tool = on.tool();
    const draws = tool !== 'look' && event.button === 0;
    const kind = grabsProbe ? 'probe' : draws ? 'shape' : tool !== 'look' && event.button === 2 ? 'turn' : event.button !== 0 || event.shiftKey ? 'pan' : 'turn';
    if (kind === 'shape' && tool !== 'look') shape = { tool, points: [x, y], radius };
    const at = probeAt();
    held = { id: event.pointerId, kind, x, y, startX: x, startY: y, grip: at ? [at.x - x, at.y - y] : [0, 0] };
    canvas.setPointerCapture(event.pointerId);
    canvas.style.cursor = grabsProbe ? 'grabbing' : '';
  });
  listen('pointermove', (event) => {
    const [x, y] = place(event);
    if (held?.id === event.pointerId) {
      if (Math.hypot(x - held.startX, y - held.startY) > clickSlop) on.dragging(true);
      const [dx, dy] = [x - held.x, y - held.y];
      held.x = x;
      held.y = y;
      const { height } = scene.stage.frame.view;
      if (held.kind === 'shape') {
        if (shape) on.shape((shape = drawnTo(shape, x, y)));
        return;
      }
      if (held.kind === 'probe') on.moveProbe(draggedTo(scene.stage.frame.view, scene.marked.probe as Vec3, x + held.grip[0], y + held.grip[1]));
      else if (held.kind === 'pan') rig.set(panned(rig.pose, dx, dy, height));
      else rig.set(rig.mode === 'fly' ? looked(rig.pose, dx, dy, height) : orbited(rig.pose, dx, dy, height));
      scene.stage.invalidate();
      return;
    }
    hover = { x, y };
    request ||= requestAnimationFrame(() => {
      request = 0;
      if (!hover || held) return;
      const probe = overProbe(hover.x, hover.y);
      const item = probe ? -1 : scene.pick(hover.x, hover.y);
      canvas.style.cursor = probe ? 'grab' : item >= 0 ? 'pointer' : on.tool() === 'look' ? '' : 'crosshair';
      on.hover(item);
    });
  });
  const release = (event: PointerEvent): void => {
    if (held?.id !== event.pointerId) return;
    const { kind, startX, startY } = held;
    const [x, y] = place(event);
    held = null;
    canvas.style.cursor = '';
    on.dragging(false);
    const still = Math.hypot(x - startX, y - startY) <= clickSlop;
    const drawn = shape;
    shape = null;
    if (kind === 'shape') on.shape(null);
    if (event.type !== 'pointerup') return;
    if (kind === 'shape' && drawn && (!still || drawn.tool === 'brush')) on.shaped(drawn, event);
    else if ((kind === 'turn' || kind === 'shape') && event.button === 0 && still) on.click(scene.pick(x, y), x, y, event);
  };
  listen('pointerup', release);
  listen('pointercancel', release);
  listen('pointerleave', () => {
    hover = null;
    on.hover(-1);
  });
  listen('dblclick', (event) => {
    const [x, y] = place(event);
    on.doubleClick(scene.pick(x, y), x, y);
  });
  listen('contextmenu', (event) => event.preventDefault(), false);
  listen(
    'wheel',
    (event) => {
      event.preventDefault();
      const [x, y] = place(event);
      const amount = Math.max(-1.2, Math.min(1.2, (event.deltaY * (event.deltaMode === 1 ? 16 : 1)) / 480));
      const { view } = scene.stage.frame;
      if (on.tool() === 'brush' && (shape || event.ctrlKey)) {
        radius = Math.min(brushRadius.most, Math.max(brushRadius.least, radius * Math.exp(-amount)));
        if (shape) on.shape((shape = { ...shape, radius }));
        return;
      }
      if (scene.marked.probe && (held?.kind === 'probe' || overProbe(x, y) || event.altKey)) {
        on.moveProbe(deepened(view, scene.marked.probe as Vec3, amount * 0.3 * rig.pose.distance));
        return;
      }
      rig.set(dollied(rig.pose, Math.exp(amount), x - view.width / 2, y - view.height / 2, view.height));
      scene.stage.invalidate();
    },
    false,
  );

  return () => {
    scope.abort();
    cancelAnimationFrame(request);
  };
}
