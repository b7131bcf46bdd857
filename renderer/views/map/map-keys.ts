import type { KeyBinding } from '../../state/keys.svelte.ts';

/** What can be done on the map, by key and from the palette. */
export interface MapActs {
  active(): boolean;
  /** There is a training to play. */
  timed(): boolean;
  selected(): boolean;
  decodes(): boolean;
  /** There is something to let go of. */
  held(): boolean;
  play(): void;
  step(by: number): void;
  compare(): void;
  focus(): void;
  reset(): void;
  probe(): void;
  table(): void;
  find(): void;
  compareSides(): void;
  clusters(): void;
  path(): void;
  box(): void;
  lasso(): void;
  brush(): void;
  expression(): void;
  all(): void;
  invert(): void;
  grow(): void;
  undo(): void;
  redo(): void;
  letGo(): void;
}

const onControl = (): boolean => document.activeElement?.matches('button, [role="slider"], [role="radio"], [role="option"]') ?? false;

export function mapKeys(acts: MapActs): KeyBinding[] {
  const { active } = acts;
  const group = 'Map';
  const both = (when: () => boolean) => (): boolean => active() && when();
  return [
    { keys: 'space', title: 'Play the training', group, run: () => acts.play(), when: () => active() && acts.timed() && !onControl() },
    { keys: ',', title: 'Step before', group, run: () => acts.step(-1), when: both(acts.timed) },
    { keys: '.', title: 'Step after', group, run: () => acts.step(1), when: both(acts.timed) },
    { keys: 'x', title: 'Original, result, difference', group, run: () => acts.compare(), when: active },
    { keys: 'f', title: 'Focus the selection', group, run: () => acts.focus(), when: active },
    { keys: 'r', title: 'Reset the view', group, run: () => acts.reset(), when: active },
    { keys: 'p', title: 'Set or take away the probe', group, run: () => acts.probe(), when: both(acts.decodes) },
    { keys: 't', title: 'Table of the items', group, run: () => acts.table(), when: active },
    { keys: 'mod+f', title: 'Find an item', group, run: () => acts.find(), when: active },
    { keys: 'v', title: 'Side by side with another step or layout', group, run: () => acts.compareSides(), when: active },
    { keys: 'h', title: 'Clusters and their names', group, run: () => acts.clusters(), when: active },
    { keys: 'k', title: 'Draw a path and decode along it', group, run: () => acts.path(), when: both(acts.decodes) },
    { keys: 'b', title: 'Select with a box', group, run: () => acts.box(), when: active },
    { keys: 'l', title: 'Select with a lasso', group, run: () => acts.lasso(), when: active },
    { keys: 'u', title: 'Select with a brush', group, run: () => acts.brush(), when: active },
    { keys: 'e', title: 'Select by expression', group, run: () => acts.expression(), when: active },
    { keys: 'mod+a', title: 'Select all', group, run: () => acts.all(), when: active },
    { keys: 'shift+i', title: 'Invert the selection', group, run: () => acts.invert(), when: active },
    { keys: 'g', title: 'Grow the selection by neighbours', group, run: () => acts.grow(), when: both(acts.selected) },
    { keys: 'mod+z', title: 'Undo the last selection', group, run: () => acts.undo(), when: active },
    { keys: 'mod+shift+z', title: 'Redo the selection', group, run: () => acts.redo(), when: active },
    { keys: 'escape', title: 'Let go of tool, probe, item, selection, filter', group, run: () => acts.letGo(), when: both(acts.held) },
  ];
}
