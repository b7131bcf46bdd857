/**
 * At most one request at a time; while it is under way only the newest wish is kept, and asked next. For a probe that is
 * dragged faster than the decoder answers.
 */
export function latestWins<Input, Output>(
  work: (input: Input) => Promise<Output>,
  done: (output: Output, input: Input) => void,
  failed: (error: unknown) => void,
): { ask(input: Input): void; cancel(): void } {
  let running = false;
  let next: { input: Input } | null = null;
  let round = 0;
  const run = async (input: Input): Promise<void> => {
    running = true;
    const mine = round;
    try {
      const output = await work(input);
      if (mine === round) done(output, input);
    } catch (error) {
      if (mine === round) failed(error);
    }
    running = false;
    if (next) {
      const { input: wish } = next;
      next = null;
      void run(wish);
    }
  };
  return {
    ask(input) {
      if (running) next = { input };
      else void run(input);
    },
    /** Answers still under way are dropped. */
    cancel() {
      round++;
      next = null;
    },
  };
}
