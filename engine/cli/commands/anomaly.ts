import { Option, type Command } from 'commander';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { common, type Context } from '../context.ts';
import { followTask } from '../follow-task.ts';
import { savePicture } from '../save-picture.ts';
import { number, whole } from '../schema-options.ts';
import { figure, table } from '../table.ts';
import { names } from './project.ts';

/** Rows printed; the others go to --out. */
const PRINTED = 20;

export function addAnomaly(program: Command, context: Context): void {
  common(program.command('anomaly <run>'))
    .description('pictures that the model finds strange, the strangest first, with a threshold chosen on held-out pictures')
    .addOption(new Option('--score <name>', 'bound: how badly it explains a picture; reconstruction: how badly it redraws it (auto: the bound where there is one)').choices(['auto', 'bound', 'reconstruction']).default('auto'))
    .option('--false-positives <rate>', 'part of normal pictures that may be called strange', number(0, 0.5), 0.05)
    .option('--anomalous <classes>', 'classes of the run\'s data that are anomalies, with commas: rates and AUROC are measured', names)
    .option('--against <data>', 'a second set, all of whose pictures are anomalies: rates and AUROC are measured')
    .option('--limit <count>', 'at most so many items of each set (default: 5000)', whole(1))
    .option('--out <file>', 'all items as a table (.csv)')
    .option('--picture <file>', 'the strangest as one sheet (.png or .webp)')
    .option('--step <integer>', 'checkpoint to take (default: the newest)', whole())
    .action(async (run: string, options) => {
      context.use(options);
      const { score, falsePositives, anomalous, against, limit, step } = options;
      const found = await followTask(context, 'anomalies', { run: context.run(run), score, falsePositives, anomalousClasses: anomalous, data: against && context.path(against), limit, step });
      const { strangest, ...report } = found;
      if (options.out) await writeFileAtomic(context.path(options.out), csv(found.items));
      if (options.picture) await savePicture(context.path(options.picture), strangest);
      const rate = (value: number | null) => (value === null ? 'unknown' : `${(100 * value).toFixed(1)} %`);
      const lines = [
        `Score: ${found.score.meaning}, in ${found.score.unit}.`,
        `Threshold ${figure(found.threshold)}: ${rate(found.falsePositives)} of ${found.thresholdItems} held-out normal pictures lie above; of test pictures ${rate(found.measuredFalsePositives)}.`,
        ...(found.auroc === null ? [] : [`AUROC ${found.auroc.toFixed(3)}; ${rate(found.found)} of the anomalies lie above the threshold.`]),
        ...found.notes,
        table(['score', 'item', 'class', 'strange'], found.items.slice(0, PRINTED).map((item) => [Number(figure(item.score)), item.name, item.label ?? '', item.flagged ? 'yes' : ''])),
        ...(found.items.length > PRINTED ? [`... ${found.items.length - PRINTED} more${options.out ? '' : ', written by --out'}`] : []),
      ];
      context.result(report, lines.join('\n'));
    });
}

function csv(items: readonly { index: number; name: string; label: string | null; score: number; flagged: boolean; anomalous: boolean | null; stranger: boolean }[]): string {
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${['score,flagged,index,name,class,second_set,anomalous', ...items.map((i) => [i.score, i.flagged, i.index, quoted(i.name), quoted(i.label ?? ''), i.stranger, i.anomalous ?? ''].join(','))].join('\n')}\n`;
}
