export type Theme = 'system' | 'dark' | 'light';

const key = 'theme';

function stored(): Theme {
  const value = localStorage.getItem(key);
  return value === 'dark' || value === 'light' ? value : 'system';
}

const prefersDark = matchMedia('(prefers-color-scheme: dark)');

class ThemeState {
  choice = $state<Theme>(stored());
  #system = $state<'dark' | 'light'>(prefersDark.matches ? 'dark' : 'light');
  /** What is shown. */
  resolved = $derived<'dark' | 'light'>(this.choice === 'system' ? this.#system : this.choice);

  constructor() {
    prefersDark.addEventListener('change', (event) => (this.#system = event.matches ? 'dark' : 'light'));
    this.#apply();
  }

  set(choice: Theme): void {
    this.choice = choice;
    if (choice === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, choice);
    this.#apply();
  }

  toggle(): void {
    this.set(this.resolved === 'dark' ? 'light' : 'dark');
  }

  #apply(): void {
    if (this.choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.choice;
  }
}

export const theme = new ThemeState();

/** True while the system asks for less motion. */
class MotionState {
  reduced = $state(matchMedia('(prefers-reduced-motion: reduce)').matches);
  constructor() {
    matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', (event) => (this.reduced = event.matches));
  }
}
export const motion = new MotionState();
