import type { GraphBuilder } from './builder.ts';
import type { ElementType, OnnxNode, OnnxTensor, OnnxValue } from './onnx-writer.ts';

export interface Result {
  value: string;
  name: string;
  type: ElementType;
  dims: readonly number[];
}

export interface FinishedGraph {
  nodes: OnnxNode[];
  initializers: Map<string, OnnxTensor>;
  inputs: OnnxValue[];
  outputs: OnnxValue[];
}

/** Drops what no result needs, adds biases inside the convolutions they follow, and gives the results their names. */
export function finishGraph(g: GraphBuilder, inputs: readonly OnnxValue[], results: readonly Result[]): FinishedGraph {
  let nodes = reachable(g.nodes, results.map((r) => r.value));
  nodes = foldBiases(g, nodes, new Set(results.map((r) => r.value)));
  nodes = reachable(nodes, results.map((r) => r.value));
  const produced = new Set(nodes.flatMap((n) => n.outputs));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const r of results) {
    if (produced.has(r.value) && !renamed.has(r.value)) renamed.set(r.value, r.name);
    else copies.push({ op: 'Identity', inputs: [r.value], outputs: [r.name], attributes: {} });
  }
  const name = (value: string) => renamed.get(value) ?? value;
  const final = [...nodes, ...copies].map((n) => ({ ...n, inputs: n.inputs.map(name), outputs: n.outputs.map(name) }));
  const needed = new Set(final.flatMap((n) => n.inputs));
  return {
    nodes: final,
    initializers: new Map([...g.initializers].filter(([value]) => needed.has(value))),
    inputs: inputs.filter((i) => needed.has(i.name)),
    outputs: results.map((r) => ({ name: r.name, type: r.type, dims: r.dims })),
  };
}

function reachable(nodes: readonly OnnxNode[], roots: readonly string[]): OnnxNode[] {
  const needed = new Set(roots);
  const kept: OnnxNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!nodes[i].outputs.some((o) => needed.has(o))) continue;
    kept.push(nodes[i]);
    for (const input of nodes[i].inputs) needed.add(input);
  }
  return kept.reverse();
}

/** Conv + Add of a value [1, C, 1, ...] becomes Conv with a bias, where nothing else reads the bare product. */
function foldBiases(g: GraphBuilder, nodes: readonly OnnxNode[], roots: ReadonlySet<string>): OnnxNode[] {
  const uses = new Map<string, number>();
  for (const n of nodes) for (const i of n.inputs) uses.set(i, (uses.get(i) ?? 0) + 1);
  return nodes.flatMap((n) => (n.op === 'Add' ? foldInto(g, n, uses, roots) : undefined) ?? [n]);
}

function foldInto(g: GraphBuilder, add: OnnxNode, uses: ReadonlyMap<string, number>, roots: ReadonlySet<string>): OnnxNode[] | undefined {
  for (const [product, bias] of [add.inputs, [...add.inputs].reverse()]) {
    const conv = g.producer.get(product);
    if ((conv?.op !== 'Conv' && conv?.op !== 'ConvTranspose') || conv.inputs.length !== 2) continue;
    if (uses.get(product) !== 1 || roots.has(product)) continue;
    const row = biasRow(g, bias);
    if (row) return [...row.before, { ...conv, inputs: [...conv.inputs, row.value], outputs: add.outputs }];
  }
  return undefined;
}

/** The bias as a list [C], where it is a value of extents [1, C, 1, ...]. */
function biasRow(g: GraphBuilder, bias: string): { value: string; before: OnnxNode[] } | undefined {
  const isRow = (dims: readonly number[]) => dims.length > 2 && dims[1] > 1 && dims.every((d, i) => i === 1 || d === 1);
  const constant = g.initializers.get(bias);
  if (constant) return isRow(constant.dims) ? { value: g.reshape(bias, [constant.dims[1]]), before: [] } : undefined;
  const node = g.producer.get(bias);
  if (node?.op !== 'Reshape') return undefined;
  const dims = Array.from(g.initializers.get(node.inputs[1])!.data as BigInt64Array, Number);
  if (!isRow(dims)) return undefined;
  if (g.inputs.get(node.inputs[0])?.length === 1) return { value: node.inputs[0], before: [] };
  const flat = g.reshape(node.inputs[0], [dims[1]]);
  return { value: flat, before: [g.producer.get(flat)!] };
}
