import { Option, type Command } from 'commander';
import { AtelierError } from '../../core/errors.ts';
import type { GenerateEvent } from '../../../electron/contract/index.ts';
import { common, type Context } from '../context.ts';
import { number, whole } from '../schema-options.ts';
import { table } from '../table.ts';

export function addGallery(program: Command, context: Context): void {
  const gallery = program.command('gallery').description('pictures that the project keeps, each with what made it inside its file');

  common(gallery.command('fill <run>'))
    .description('draw pictures into the gallery, one file each')
    .option('--count <integer>', 'how many', whole(1, 256), 16)
    .option('--seed <integer>', 'the same seed gives the same pictures', whole(), 0)
    .option('--temperature <number>', 'below 1 is safer, above is wilder', number(0, 4), 1)
    .option('--class <name>', 'class of the pictures')
    .option('--mix <class=weight,...>', 'classes with weights, instead of one class', mix)
    .option('--prior <run>', 'draw by this prior (default: the newest of the project that knows the codes)')
    .option('--top-k <integer>', 'only so many of the likeliest codes', whole(1))
    .option('--top-p <number>', 'only the likeliest codes that together have this probability', number(0, 1))
    .option('--guidance <number>', 'how much the class counts; 1 is as learned', number(0, 20))
    .action(async (run: string, options) => {
      context.use(options);
      const { count, seed, temperature, class: label, mix: labels, topK, topP, guidance } = options;
      const prior = options.prior ? context.run(options.prior) : undefined;
      const files: string[] = [];
      const end = await context.follow('studio.generate', { run: context.run(run), prior, count, seed, temperature, label, labels, topK, topP, guidance }, (event: GenerateEvent) => {
        if (event.type === 'picture') files.push(event.item.path);
        return event.type === 'done' || event.type === 'failed';
      });
      if (end.type === 'failed') throw new AtelierError(end.error.code as 'bad-input', end.error.message, end.error.remedy);
      const note = end.type === 'done' ? end.note : '';
      context.result({ files, seed, note }, [...files, note].join('\n'));
    });

  common(gallery.command('list'))
    .description('what the gallery has, the newest first')
    .option('--favourites', 'only favourites')
    .option('--limit <integer>', 'at most so many', whole(1, 500), 100)
    .action(async (options) => {
      context.use(options);
      const found = await context.call('gallery.list', { favourites: options.favourites === true, limit: options.limit });
      const rows = found.items.map(({ id, recipe, favourite }) => [favourite ? '*' : '', id, recipe?.runName ?? '', recipe?.label ?? '', recipe?.seed?.toString() ?? '']);
      context.result(found, found.total === 0 ? 'The gallery is empty.' : table(['', 'picture', 'run', 'class', 'seed'], rows));
    });

  common(gallery.command('export <pictures...>'))
    .description('copies of pictures of the gallery; nothing is overwritten')
    .requiredOption('--out <folder>', 'where to')
    .option('--pattern <text>', 'names, of {name}, {run}, {class}, {seed} and {n}', '{run}-{class}-{seed}-{n}')
    .addOption(new Option('--format <kind>', 'kind of file').choices(['png', 'webp', 'jpeg']).default('png'))
    .option('--scale <integer>', 'enlarge so many times', whole(1, 32), 1)
    .option('--sharp', 'keep hard pixels when enlarging')
    .action(async (ids: string[], options) => {
      context.use(options);
      const { out, pattern, format, scale, sharp } = options;
      const { folder, files } = await context.call('gallery.export', { ids, folder: context.path(out), pattern, format, scale, smooth: !sharp });
      context.result({ folder, files }, files.join('\n'));
    });

  common(gallery.command('like <picture>'))
    .description('make a picture a favourite, or with --not no longer')
    .option('--not', 'take it off the favourites')
    .action(async (id: string, options) => {
      context.use(options);
      const item = await context.call('gallery.favourite', { id, favourite: !options.not });
      context.result(item, `${item.id} is ${item.favourite ? 'a favourite' : 'no favourite'} now`);
    });

  for (const [name, what] of [['remove', 'move pictures to the project\'s bin'], ['restore', 'bring removed pictures back']] as const) {
    common(gallery.command(`${name} <pictures...>`))
      .description(what)
      .action(async (ids: string[], options) => {
        context.use(options);
        await context.call(`gallery.${name}`, { ids });
        context.result({ ids }, ids.join('\n'));
      });
  }
}

function mix(text: string): { label: string; weight: number }[] {
  return text.split(',').map((part) => {
    const at = part.lastIndexOf('=');
    const weight = at < 0 ? 1 : Number(part.slice(at + 1));
    if (!(weight > 0)) throw new AtelierError('bad-input', `"${part}" has no weight above 0.`, 'Write classes as name=weight, with commas between them.');
    return { label: at < 0 ? part : part.slice(0, at), weight };
  });
}
