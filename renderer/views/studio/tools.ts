import type { Component } from 'svelte';
import Brush from '@lucide/svelte/icons/brush';
import Eraser from '@lucide/svelte/icons/eraser';
import PaintBucket from '@lucide/svelte/icons/paint-bucket';
import Pipette from '@lucide/svelte/icons/pipette';
import SquareDashed from '@lucide/svelte/icons/square-dashed';
import type { Tool } from '../../state/studio.svelte.ts';

/** Tools of the canvas, with their keys. */
export const tools: readonly { id: Tool; title: string; hint: string; key: string; icon: Component<{ size?: number; strokeWidth?: number }> }[] = [
  { id: 'paint', title: 'Paint with the code', hint: 'Drag to paint with the chosen code. Alt picks one up.', key: 'p', icon: Brush },
  { id: 'fill', title: 'Fill', hint: 'Click to fill all that has the same code and hangs together.', key: 'f', icon: PaintBucket },
  { id: 'mark', title: 'Mark for redrawing', hint: 'Drag over what the prior shall draw anew. Shift takes marks away.', key: 'm', icon: Eraser },
  { id: 'region', title: 'Select a region', hint: 'Drag a rectangle, then copy, paste or mark it.', key: 'r', icon: SquareDashed },
  { id: 'pick', title: 'Pick a code up', hint: 'Click to take the code of a cell.', key: 'k', icon: Pipette },
];
