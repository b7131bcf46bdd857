"""The yardstick of `project`: umap-learn, openTSNE or scikit-learn on the same table and the same cores.

usage: umap_peer.py TABLE.npy METHOD OUT.npy [--dims 3] [--neighbours 15]    METHOD: umap | opentsne | sklearn-tsne

Prints one JSON line {"seconds": ..., "cpu_seconds": ...}. A small fit comes first, so that compilation is not counted.
"""
import argparse
import json
import time

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("table")
parser.add_argument("method", choices=["umap", "opentsne", "sklearn-tsne"])
parser.add_argument("out")
parser.add_argument("--dims", type=int, default=3)
parser.add_argument("--neighbours", type=int, default=15)
args = parser.parse_args()


def make():
    if args.method == "umap":
        import umap

        return umap.UMAP(n_components=args.dims, n_neighbors=args.neighbours, n_jobs=-1).fit_transform
    if args.method == "opentsne":
        from openTSNE import TSNE

        return TSNE(n_components=args.dims, n_jobs=-1, negative_gradient_method="fft" if args.dims == 2 else "bh").fit
    from sklearn.manifold import TSNE

    return TSNE(n_components=args.dims, n_jobs=-1).fit_transform


x = np.load(args.table).astype(np.float32)
make()(x[: min(len(x), 5000)])
fit = make()
start, busy = time.perf_counter(), time.process_time()
y = fit(x)
seconds, busy = time.perf_counter() - start, time.process_time() - busy
np.save(args.out, np.asarray(y, dtype=np.float32))
print(json.dumps({"method": args.method, "n": len(x), "d": x.shape[1], "dims": args.dims, "seconds": round(seconds, 2), "cpu_seconds": round(busy, 2)}))
