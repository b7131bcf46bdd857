/**
 * What only the desktop shell can do: dialogs, paths of dropped files, the taskbar. In a browser `shell` is null and the
 * same questions are asked with a text field (state/ask.svelte.ts) or answered by an upload.
 */
import type { ShellApi } from '../../electron/contract/shell.ts';

export const shell: ShellApi | null = (globalThis as { atelier?: ShellApi }).atelier ?? null;
