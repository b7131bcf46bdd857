import type { CanvasDocumentInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { ask } from './ask.svelte.ts';
import { attempt, notify, notifyUndo } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { studio } from './studio.svelte.ts';

/** Canvases of the project that can be gone on with. */
class Canvases {
  list = $state.raw<CanvasDocumentInfo[]>([]);

  constructor() {
    project.onOpen(() => void this.load());
  }

  async load(): Promise<void> {
    this.list = (await client.call('canvases.list', {}).catch(() => null)) ?? [];
  }

  /** Saves what is on the canvas; a new one is given a name first. */
  async save(): Promise<void> {
    const { state, canvas, run } = studio;
    if (!state || !canvas || !run) return;
    const name = studio.document ? studio.title : await ask.text('Save this canvas', 'It keeps its codes and layers, and can be gone on with.', studio.title || 'Canvas', 'Save');
    if (!name?.trim()) return;
    await attempt(async () => {
      const layers = state.layers.map((layer) => ({ name: layer.name, visible: layer.visible, cells: [...layer.edits.keys()], codes: [...layer.edits.values()] }));
      const document = { name: name.trim(), run, fingerprint: canvas.fingerprint, rows: state.rows, columns: state.columns, base: Array.from(state.base), layers, label: studio.label ?? undefined };
      const info = await client.call('canvases.save', { id: studio.document ?? undefined, document });
      studio.document = info.id;
      studio.title = info.name;
      await this.load();
      notify(`The canvas "${info.name}" is saved.`);
    });
  }

  async remove(info: CanvasDocumentInfo): Promise<void> {
    await attempt(async () => {
      const document = await client.call('canvases.open', { id: info.id }).catch(() => null);
      await client.call('canvases.remove', { id: info.id });
      if (studio.document === info.id) studio.document = null;
      await this.load();
      if (document) notifyUndo(`The canvas "${info.name}" was removed.`, () => client.call('canvases.save', { id: info.id, document }).then(() => this.load()));
    });
  }
}

export const canvases = new Canvases();
