/** Okabe and Ito (2008): eight colours that colour-blind people tell apart; black is replaced by grey for dark grounds. */
const okabeIto = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7', '#9a9a9a'];
/** Further colours after Glasbey et al. (2007): each far from all before it, in Oklab, and from both grounds. */
const further = [
  '#8c3cff', '#02c800', '#ff3b6b', '#00d5c8', '#b08a5a', '#ff8ad8', '#5a9c00', '#7388ff', '#c80098', '#d9c48f', '#7a4f9e', '#4fd98a',
  '#a2453b', '#9bd0ff', '#c9e600', '#006f79', '#ffb199', '#6f6b1e', '#d07bff', '#b5d3b0',
];

/** The colour of a class, the same everywhere. Index -1 (unknown) is grey. */
export function classColour(index: number): string {
  if (index < 0) return '#8a8d93';
  const all = [...okabeIto, ...further];
  return all[index % all.length];
}

/**
 * Resolves a token or any CSS colour to sRGB, for canvases and WebGL.
 * @param colour e.g. `var(--ground)` or `oklch(0.7 0.1 230)`
 * @returns red, green, blue, alpha in [0, 1]
 */
export function resolveColour(colour: string): [number, number, number, number] {
  const probe = document.createElement('span');
  probe.style.color = colour;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = computed;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return [r / 255, g / 255, b / 255, a / 255];
}

/** What a canvas takes as a colour, for a token: `canvasColour('--ink')`. */
export function canvasColour(token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
