import { untrack } from 'svelte';
import { keyOf } from '../services/key-names.ts';

/** The keyboard, in one table: what the sheet of keys shows is what is listened for. */
export interface KeyBinding {
  /** `mod+k`, `shift+/`, `?`, `1`; the key as the keyboard types it, lower case. */
  keys: string;
  title: string;
  group: string;
  run: (event: KeyboardEvent) => void;
  /** Whether it counts just now. */
  when?: () => boolean;
}

const bindings = new Set<KeyBinding>();
let revision = $state(0);
// Counting reads, and the effects that bind keys must not follow what they themselves change.
const changed = (): void => untrack(() => void revision++);

/** Registers keys for as long as a component lives: `$effect(() => bindKeys([...]))`. */
export function bindKeys(list: readonly KeyBinding[]): () => void {
  for (const binding of list) bindings.add(binding);
  changed();
  return () => {
    for (const binding of list) bindings.delete(binding);
    changed();
  };
}

/** Everything registered, for the sheet of keys. */
export function allKeys(): KeyBinding[] {
  void revision;
  return [...bindings];
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.tagName === 'TEXTAREA' || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'range', 'button'].includes((target as HTMLInputElement).type)));

export function listenForKeys(): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const keys = keyOf(event);
    if (typing(event.target) && !keys.startsWith('mod+')) return;
    if (document.querySelector('[role="dialog"][data-state="open"]') && keys !== 'mod+k') return;
    for (const binding of [...bindings].reverse()) {
      if (binding.keys !== keys || binding.when?.() === false) continue;
      event.preventDefault();
      binding.run(event);
      return;
    }
  };
  window.addEventListener('keydown', listen);
  return () => window.removeEventListener('keydown', listen);
}
