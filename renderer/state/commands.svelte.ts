/** What can be done from anywhere: the palette, the menus of the shell and the keys all take it from here. */
import type { MenuCommand } from '../../electron/contract/shell.ts';
import { shell } from '../services/shell.ts';
import { askFolder } from './ask.svelte.ts';
import { datasets } from './datasets.svelte.ts';
import { importing } from './import.svelte.ts';
import { attempt } from './notify.svelte.ts';
import { place, places } from './places.svelte.ts';
import { project } from './project.svelte.ts';
import { runs } from './runs.svelte.ts';
import { tables } from './tables.svelte.ts';
import { theme } from './theme.svelte.ts';
import { training } from './training.svelte.ts';

/** What floats above the places. */
class Overlays {
  palette = $state(false);
  keys = $state(false);
  queue = $state(false);
  newProject = $state(false);
}
export const overlays = new Overlays();

export async function openProject(): Promise<void> {
  const path = await attempt(() => askFolder('Open a project folder'));
  if (path) await project.open(path);
}

export function createProject(): void {
  overlays.newProject = true;
}

export interface Command {
  id: string;
  title: string;
  group: 'Places' | 'Actions' | 'Map' | 'Runs' | 'Data' | 'Projects';
  keys?: string;
  note?: string;
  run: () => void;
}

/** Commands of a place, for as long as it can obey them. */
class PlaceCommands {
  list = $state.raw<readonly Command[]>([]);
}
export const placeCommands = new PlaceCommands();

export function commands(): Command[] {
  return [
    ...places.map(({ id, title, key }) => ({ id: `place-${id}`, title: `Go to ${title}`, group: 'Places' as const, keys: key, run: () => place.go(id) })),
    { id: 'train-new', title: 'Train a new model', group: 'Actions', run: () => training.compose() },
    { id: 'path-new', title: 'From pictures to samples', group: 'Actions', run: () => training.compose('path') },
    { id: 'prior-new', title: 'Train a prior over codes', group: 'Actions', run: () => training.compose('prior') },
    { id: 'toy', title: 'Learning through chance: an experiment', group: 'Actions', run: () => ((training.mode = 'toy'), place.go('train')) },
    { id: 'import', title: 'Import pictures', group: 'Actions', run: () => void importing.pick() },
    { id: 'table-open', title: 'Open a table as a map', group: 'Actions', run: () => void tables.pick() },
    { id: 'theme', title: theme.resolved === 'dark' ? 'Use the light theme' : 'Use the dark theme', group: 'Actions', run: () => theme.toggle() },
    ...(theme.choice === 'system' ? [] : [{ id: 'theme-system', title: 'Use the theme of the system', group: 'Actions' as const, run: () => theme.set('system') }]),
    { id: 'queue', title: 'Show the queue of jobs', group: 'Actions', run: () => (overlays.queue = true) },
    { id: 'inspector', title: place.inspector ? 'Fold the inspector away' : 'Show the inspector', group: 'Actions', keys: 'i', run: () => (place.inspector = !place.inspector) },
    { id: 'keys', title: 'Show the keys', group: 'Actions', keys: '?', run: () => (overlays.keys = true) },
    ...placeCommands.list,
    ...tables.list.map((table) => ({ id: `table-${table.id}`, title: table.name, group: 'Data' as const, note: table.path, run: () => tables.show(table.id) })),
    ...runs.list.map((run) => ({
      id: `run-${run.run}`,
      title: run.name,
      group: 'Runs' as const,
      note: `${run.family} on ${run.data.name}`,
      run: () => {
        tables.showRun(run.run);
        training.show(run.run);
        if (place.current === 'data') place.go('train');
      },
    })),
    ...datasets.list.map((set) => ({
      id: `data-${set.ref}`,
      title: set.name,
      group: 'Data' as const,
      note: `${set.count} pictures`,
      run: () => {
        datasets.selected = set.ref;
        place.go('data');
      },
    })),
    { id: 'project-open', title: 'Open a project', group: 'Projects', run: () => void openProject() },
    { id: 'project-create', title: 'New project', group: 'Projects', run: createProject },
    ...project.recent
      .filter((p) => p.path !== project.current?.path)
      .map((p) => ({ id: `project-${p.path}`, title: `Open ${p.name}`, group: 'Projects' as const, note: p.path, run: () => void project.open(p.path) })),
  ];
}

/** Obeys the menus of the desktop shell and takes what was opened with the application. */
export function obeyShell(): () => void {
  if (!shell) return () => {};
  const obey: Partial<Record<MenuCommand, () => void>> = {
    'new-project': createProject,
    'open-project': () => void openProject(),
    import: () => void importing.pick(),
    palette: () => (overlays.palette = true),
    search: () => (overlays.palette = true),
    theme: () => theme.toggle(),
    keys: () => (overlays.keys = true),
    'place-1': () => place.go('map'),
    'place-2': () => place.go('train'),
    'place-3': () => place.go('studio'),
    'place-4': () => place.go('voice'),
    'place-5': () => place.go('data'),
  };
  const stops = [shell.onCommand((command) => obey[command]?.()), shell.onOpenPaths((paths) => paths[0] && importing.consider(paths[0]))];
  return () => stops.forEach((stop) => stop());
}
