/** A process that trains the run folder named by its argument, for tests that kill it. */
import { openDevice } from '../device/index.ts';
import { openRun } from '../store/run-folder.ts';
import { rectangles } from './memory-set.fixture.ts';
import { startTraining } from './trainer.ts';

const run = await openRun(process.argv[2]);
const info = await startTraining({
  run,
  images: rectangles(),
  device: await openDevice('cpu'),
  onEvent: (event) => {
    if (event.type === 'metrics') process.stdout.write(`${event.rows[0].step}\n`);
  },
});
process.stdout.write(`${info.status}\n`);
