/** What is selected, the same in every place. */
class Selection {
  /** Folder of the run that Map and Train show; null: none yet. */
  run = $state<string | null>(null);
  /** Index of the selected item in the run's map; null: none. */
  item = $state<number | null>(null);

  setRun(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.item = null;
  }
}

export const selection = new Selection();
