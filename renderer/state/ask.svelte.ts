import { shell } from '../services/shell.ts';

interface Question {
  title: string;
  text: string;
  value: string;
  action: string;
  settle(answer: string | null): void;
}

/** A question with a line of text as its answer; views/shell/AskDialog.svelte shows it. */
class Ask {
  current = $state.raw<Question | null>(null);

  text(title: string, text: string, value: string, action: string): Promise<string | null> {
    this.current?.settle(null);
    return new Promise((resolve) => {
      this.current = {
        title,
        text,
        value,
        action,
        settle: (answer) => {
          this.current = null;
          resolve(answer);
        },
      };
    });
  }
}

export const ask = new Ask();

const pathHint = 'An absolute path on the machine where the engine runs.';

/** A folder that exists: by a dialog in the application, by its path in a browser. Null when called off. */
export function askFolder(title: string, action = 'Open'): Promise<string | null> {
  return shell ? shell.pickFolder({ title }) : ask.text(title, pathHint, '', action);
}

/** Files that exist: by a dialog in the application, one by its path in a browser. */
export async function askFiles(title: string): Promise<string[]> {
  if (shell) return shell.pickFiles({ title });
  const path = await ask.text(title, pathHint, '', 'Open');
  return path ? [path] : [];
}

/** Where to write a file or folder. */
export function askSavePath(title: string, suggested: string, extension?: string): Promise<string | null> {
  const filters = extension ? [{ name: extension, extensions: [extension] }] : undefined;
  return shell ? shell.savePath({ title, suggested, filters }) : ask.text(title, pathHint, suggested, 'Save');
}
