/**
 * A project is a folder:
 *
 *     project.json        its name
 *     data/<id>/          datasets (engine/data)
 *     runs/<id>/          runs (run-folder.ts)
 *     bin/                what was removed, until it is restored
 */
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Project } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { userFolder } from '../core/user-folder.ts';

const FORMAT = 'latent-atelier-project';
const FILE = 'project.json';
const RECENTS = 'latent-atelier-recents';
const MAX_RECENTS = 20;

interface ProjectRecord {
  name: string;
  createdAt: string;
}

export const runsFolderOf = (project: string): string => join(resolve(project), 'runs');
export const dataFolderOf = (project: string): string => join(resolve(project), 'data');

/**
 * Makes a project in a folder, which may exist if it is not a project yet.
 * @throws AtelierError 'bad-input' when a project stands there, 'disk-full' | 'no-permission'
 */
export async function createProject(path: string, name: string): Promise<Project> {
  const folder = resolve(path);
  if (await isProject(folder)) throw new AtelierError('bad-input', `There is already a project in ${folder}.`, 'Open it, or choose another folder.');
  const record: ProjectRecord = { name, createdAt: new Date().toISOString() };
  try {
    for (const part of [folder, runsFolderOf(folder), dataFolderOf(folder)]) await mkdir(part, { recursive: true });
  } catch (error) {
    throw toAtelierError(error, `making the project folder ${folder}`);
  }
  await writeFileAtomic(join(folder, FILE), recordText(FORMAT, record), `writing ${join(folder, FILE)}`);
  return remember({ path: folder, name, sample: false, openedAt: new Date().toISOString() });
}

/**
 * Opens a project and puts it on top of the recent ones.
 * @throws AtelierError 'not-found' | 'bad-data' | 'newer-version'
 */
export async function openProject(path: string): Promise<Project> {
  const folder = resolve(path);
  if (!(await isProject(folder))) throw new AtelierError('not-found', `${folder} is not a project: it has no ${FILE}.`, 'Choose the folder of a project, or make a new project in it.');
  const { name } = await readRecord<ProjectRecord>(join(folder, FILE), FORMAT, 'a project');
  return remember({ path: folder, name, sample: folder === sampleFolder(), openedAt: new Date().toISOString() });
}

/** The project that a first start opens, in the user's folder; made when it is not there. */
export async function openSampleProject(): Promise<Project> {
  const folder = sampleFolder();
  if (!(await isProject(folder))) await createProject(folder, 'Sample: emoji');
  return openProject(folder);
}

/** Most recently opened first; projects whose folder is gone are left out. */
export async function recentProjects(): Promise<Project[]> {
  const known = await readRecents();
  const there = await Promise.all(known.map((p) => isProject(p.path)));
  return known.filter((_, i) => there[i]);
}

/** Takes a project off the list; its folder stays. */
export async function forgetProject(path: string): Promise<Project[]> {
  const folder = resolve(path);
  await writeRecents((await readRecents()).filter((p) => p.path !== folder));
  return recentProjects();
}

/** Folders of the datasets of a project, by name; without those being imported just now. */
export const datasetFolders = (project: string): Promise<string[]> => foldersWith(project, 'dataset.json');

/** Folders of the prepared recordings of a project, by name. */
export const voiceSetFolders = (project: string): Promise<string[]> => foldersWith(project, 'audio-set.json');

async function foldersWith(project: string, file: string): Promise<string[]> {
  const parent = dataFolderOf(project);
  let names: string[];
  try {
    names = await readdir(parent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw toAtelierError(error, `listing ${parent}`);
  }
  const folders = names.filter((n) => !n.startsWith('.')).sort().map((n) => join(parent, n));
  const whole = await Promise.all(folders.map((f) => exists(join(f, file))));
  return folders.filter((_, i) => whole[i]);
}

function sampleFolder(): string {
  return userFolder('sample');
}

async function isProject(folder: string): Promise<boolean> {
  return exists(join(folder, FILE));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

const recentsFile = (): string => userFolder('recent.json');

async function readRecents(): Promise<Project[]> {
  try {
    const { projects } = JSON.parse(await readFile(recentsFile(), 'utf8')) as { projects?: unknown };
    const valid = (p: Partial<Project> | null): boolean => typeof p?.path === 'string' && typeof p.name === 'string' && typeof p.openedAt === 'string';
    return Array.isArray(projects) ? (projects as Project[]).filter(valid) : [];
  } catch {
    return []; // none yet, or damaged: only a convenience is lost
  }
}

async function writeRecents(projects: readonly Project[]): Promise<void> {
  await writeFileAtomic(recentsFile(), recordText(RECENTS, { projects: projects.slice(0, MAX_RECENTS) }), 'writing the list of recent projects');
}

async function remember(project: Project): Promise<Project> {
  const others = (await readRecents()).filter((p) => p.path !== project.path);
  // A user folder that cannot be written must not keep anybody from a project.
  await writeRecents([project, ...others]).catch(() => {});
  return project;
}
