import type { DatasetInfo } from '../../electron/contract/index.ts';

const known = new Map<string, Promise<DatasetInfo>>();

/**
 * What is known of a built-in set without rendering it, which takes seconds the first time; pictures are rendered when they
 * are first asked for.
 */
export function builtinInfo(ref: string): Promise<DatasetInfo> {
  let info = known.get(ref);
  if (!info) {
    info = read(ref);
    known.set(ref, info);
    info.catch(() => known.delete(ref));
  }
  return info;
}

async function read(ref: string): Promise<DatasetInfo> {
  const [{ openSource }, { dealSplits, splitIndices }, { countClasses, warningsFor }] = await Promise.all([
    import('../data/open-source.ts'),
    import('../data/split.ts'),
    import('../data/report.ts'),
  ]);
  const source = await openSource(ref);
  try {
    const { size, channels } = await source.natural(true);
    const classes = countClasses(source.classes, source.items.map((item) => item.label));
    const { train, validation, test } = splitIndices(dealSplits(source.items, 0));
    return {
      ref,
      name: source.name,
      source: source.source,
      format: source.format,
      count: source.items.length,
      width: size,
      height: size,
      channels,
      classes,
      split: { train: train.length, validation: validation.length, test: test.length },
      skipped: { total: 0, files: [] },
      warnings: warningsFor({ count: source.items.length, classes, enlarged: 0, skipped: 0, size }),
      fingerprint: source.identity.slice(0, 32),
      builtin: true,
    };
  } finally {
    await source.close();
  }
}
