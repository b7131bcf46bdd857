import { BufferAttribute, BufferGeometry, DynamicDrawUsage, GLSL3, LineSegments, ShaderMaterial, type Scene } from 'three';
import type { Rgb } from '../color/oklab.ts';
import { overlay, type Frame, type Layer, type Theme } from './layer.ts';

type Point = ArrayLike<number>;

const vertexShader = /* glsl */ `
in vec4 tint;
out vec4 vTint;
void main() {
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  vTint = tint;
}`;
const fragmentShader = /* glsl */ `
precision highp float;
in vec4 vTint;
out vec4 color;
void main() { color = vTint; }`;

const capacity = 4096;

/** Hairlines (links to neighbours, the trail of an item, the probe's plumb line), all in one draw. */
export class LineLayer implements Layer {
  readonly #geometry = new BufferGeometry();
  readonly #position = new BufferAttribute(new Float32Array(capacity * 6), 3).setUsage(DynamicDrawUsage);
  readonly #tint = new BufferAttribute(new Float32Array(capacity * 8), 4).setUsage(DynamicDrawUsage);
  readonly #material = new ShaderMaterial({ glslVersion: GLSL3, vertexShader, fragmentShader, transparent: true, depthWrite: false });
  readonly #lines = new LineSegments(this.#geometry, this.#material);
  #count = 0;

  constructor() {
    this.#geometry.setAttribute('position', this.#position);
    this.#geometry.setAttribute('tint', this.#tint);
    this.#lines.frustumCulled = false;
    this.#lines.renderOrder = 2;
    this.#lines.visible = false;
  }

  setScene(scene: Scene): void {
    this.#lines.layers.set(overlay);
    scene.add(this.#lines);
  }

  setTheme(_theme: Theme): void {}

  clear(): void {
    this.#count = 0;
  }

  /** Adds a line for the next picture; beyond 4096 they are left out. @param alpha at each end, 0 to 1 */
  add(from: Point, to: Point, color: Rgb, alphaFrom: number, alphaTo = alphaFrom): void {
    if (this.#count >= capacity) return;
    const i = this.#count++ * 2;
    this.#position.setXYZ(i, from[0], from[1], from[2]);
    this.#position.setXYZ(i + 1, to[0], to[1], to[2]);
    this.#tint.setXYZW(i, ...color, alphaFrom);
    this.#tint.setXYZW(i + 1, ...color, alphaTo);
  }

  update(_frame: Frame): boolean {
    this.#geometry.setDrawRange(0, this.#count * 2);
    this.#lines.visible = this.#count > 0;
    this.#position.needsUpdate = this.#tint.needsUpdate = this.#count > 0;
    return false;
  }

  dispose(): void {
    this.#lines.removeFromParent();
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
