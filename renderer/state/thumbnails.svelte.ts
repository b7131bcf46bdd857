import type { DataPage } from '../../electron/contract/index.ts';
import type { DatasetInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';

const cache = new Map<string, Promise<DataPage>>();

/** A few pictures of a dataset, for its card; read once for each state of the dataset. */
export function cardPage(set: DatasetInfo): Promise<DataPage> {
  const key = `${set.ref} ${set.fingerprint}`;
  let page = cache.get(key);
  if (!page) {
    page = client.call('data.page', { ref: set.ref, limit: 48, thumbnailSize: 48 });
    page.catch(() => cache.delete(key));
    cache.set(key, page);
  }
  return page;
}
