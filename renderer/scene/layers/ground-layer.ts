import { Color, DoubleSide, GLSL3, Mesh, PlaneGeometry, ShaderMaterial, type Scene } from 'three';
import type { Frame, Layer, Theme } from './layer.ts';

/** Height of the grid, just below the unit sphere. */
export const groundHeight = -1.06;

const vertexShader = /* glsl */ `
out vec2 vPlace;
void main() {
  vec4 world = modelMatrix * vec4(position, 1.0);
  vPlace = world.xz;
  gl_Position = projectionMatrix * viewMatrix * world;
}`;

const fragmentShader = /* glsl */ `
precision highp float;
in vec2 vPlace;
uniform vec3 ink;
uniform float strength;
out vec4 color;
float lines(vec2 place, float step) {
  vec2 p = place / step;
  vec2 width = fwidth(p);
  vec2 near = abs(fract(p - 0.5) - 0.5) / max(width, vec2(1e-4));
  vec2 line = (1.0 - min(near, 1.0)) * (1.0 - smoothstep(0.25, 0.6, width));
  return max(line.x, line.y);
}
void main() {
  float radius = length(vPlace);
  float fade = 1.0 - smoothstep(0.7, 2.3, radius);
  float ring = 1.0 - min(abs(radius - 1.0) / max(fwidth(radius), 1e-4), 1.0);
  float alpha = strength * fade * max(max(lines(vPlace, 1.0), 0.5 * lines(vPlace, 0.25)), ring);
  if (alpha < 0.003) discard;
  color = vec4(ink, alpha);
}`;

/** A faint grid under the cloud: says where down is, and how far away things are. */
export class GroundLayer implements Layer {
  readonly #geometry = new PlaneGeometry(4.8, 4.8).rotateX(-Math.PI / 2);
  readonly #material = new ShaderMaterial({
    glslVersion: GLSL3,
    vertexShader,
    fragmentShader,
    transparent: true,
    depthWrite: false,
    side: DoubleSide,
    uniforms: { ink: { value: new Color() }, strength: { value: 0.13 } },
  });
  readonly #mesh = new Mesh(this.#geometry, this.#material);

  constructor() {
    this.#mesh.position.y = groundHeight;
    this.#mesh.renderOrder = 0;
  }

  setScene(scene: Scene): void {
    scene.add(this.#mesh);
  }

  setTheme(theme: Theme): void {
    this.#material.uniforms.ink.value.setRGB(...theme.ink);
    this.#material.uniforms.strength.value = theme.dark ? 0.12 : 0.14;
  }

  set visible(on: boolean) {
    this.#mesh.visible = on;
  }

  update(_frame: Frame): boolean {
    return false;
  }

  dispose(): void {
    this.#mesh.removeFromParent();
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
