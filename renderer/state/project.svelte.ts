import type { Project } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { attempt } from './notify.svelte.ts';

class ProjectState {
  current = $state.raw<Project | null>(null);
  recent = $state.raw<Project[]>([]);
  #listeners = new Set<() => void>();

  /** Called after another project was opened, and once the first is known. */
  onOpen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async load(): Promise<void> {
    await attempt(async () => {
      const before = this.current?.path;
      this.current = await client.call('projects.current', {});
      this.recent = await client.call('projects.recent', {});
      if (this.current.path !== before) for (const listener of this.#listeners) listener();
    });
  }

  async open(path: string): Promise<void> {
    await attempt(async () => {
      await client.call('projects.open', { path });
      await this.load();
    });
  }

  async create(path: string, name: string): Promise<boolean> {
    const made = await attempt(() => client.call('projects.create', { path, name }));
    if (!made) return false;
    await this.open(made.path);
    return true;
  }

  async forget(path: string): Promise<void> {
    const rest = await attempt(() => client.call('projects.forget', { path }));
    if (rest) this.recent = rest;
  }
}

export const project = new ProjectState();
