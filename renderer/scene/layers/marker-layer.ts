import {
  DynamicDrawUsage, GLSL3, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, PlaneGeometry, ShaderMaterial, Vector2, type Scene,
} from 'three';
import { overlay, type Frame, type Layer, type Theme } from './layer.ts';
import type { Rgb } from '../color/oklab.ts';

export type MarkerShape = 'ring' | 'frame' | 'probe';

export interface Marker {
  position: readonly [number, number, number];
  shape: MarkerShape;
  /** Inner diameter or side, in pixels. */
  px: number;
  color: Rgb;
  /** 0 to 1. */
  alpha: number;
  /** Line width in pixels. */
  line: number;
}

const shapes: Record<MarkerShape, number> = { ring: 0, frame: 1, probe: 2 };

const vertexShader = /* glsl */ `
in vec3 place;
in vec4 look;   // shape, inner size, line, unused
in vec4 tint;
uniform vec2 viewport;
uniform float pixelRatio;
out vec2 vPx;
out vec4 vTint;
flat out vec4 vLook;
void main() {
  vec4 clip = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
  float size = (look.y + look.z * 2.0 + 12.0) * pixelRatio;
  vPx = position.xy * size;
  clip.xy += vPx / viewport * 2.0 * clip.w;
  gl_Position = clip;
  vTint = tint;
  vLook = vec4(look.x, look.y * pixelRatio, look.z * pixelRatio, 0.0);
}`;

const fragmentShader = /* glsl */ `
precision highp float;
in vec2 vPx;
in vec4 vTint;
flat in vec4 vLook;
uniform vec3 ground;
uniform float pixelRatio;
out vec4 color;
float stroke(float d, float width) { return clamp(width * 0.5 - abs(d) + 0.5, 0.0, 1.0); }
void main() {
  float r = vLook.y * 0.5 + vLook.z * 0.5;
  float d;
  float line;
  float shade;
  if (vLook.x < 0.5) {
    d = length(vPx) - r;
  } else if (vLook.x < 1.5) {
    vec2 q = abs(vPx) - (r - 4.5 * pixelRatio);
    d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - 4.5 * pixelRatio;
  } else {
    d = length(vPx) - r;
  }
  line = stroke(d, vLook.z);
  shade = stroke(d, vLook.z + 3.0 * pixelRatio) * 0.55;
  if (vLook.x > 1.5) {
    float reach = length(vPx);
    float tick = step(r * 0.62, reach) * step(reach, r + 5.0 * pixelRatio);
    float cross_ = max(stroke(vPx.x, vLook.z), stroke(vPx.y, vLook.z)) * tick;
    line = max(max(line, cross_), clamp(2.4 * pixelRatio - reach + 0.5, 0.0, 1.0));
    shade = max(shade, clamp(4.0 * pixelRatio - reach + 0.5, 0.0, 1.0) * 0.55);
  }
  float alpha = max(line, shade) * vTint.a;
  if (alpha < 0.01) discard;
  color = vec4(mix(ground, vTint.rgb, line / max(max(line, shade), 1e-3)), alpha);
}`;

const capacity = 64;

/** Rings round points, frames round thumbnails, the probe: always on top, in one instanced draw. */
export class MarkerLayer implements Layer {
  markers: readonly Marker[] = [];
  readonly #quad = new PlaneGeometry(1, 1);
  readonly #geometry = new InstancedBufferGeometry();
  readonly #place = new InstancedBufferAttribute(new Float32Array(capacity * 3), 3).setUsage(DynamicDrawUsage);
  readonly #look = new InstancedBufferAttribute(new Float32Array(capacity * 4), 4).setUsage(DynamicDrawUsage);
  readonly #tint = new InstancedBufferAttribute(new Float32Array(capacity * 4), 4).setUsage(DynamicDrawUsage);
  readonly #material = new ShaderMaterial({
    glslVersion: GLSL3, vertexShader, fragmentShader, transparent: true, depthTest: false, depthWrite: false,
    uniforms: { viewport: { value: new Vector2(1, 1) }, pixelRatio: { value: 1 }, ground: { value: [0, 0, 0] } },
  });
  readonly #mesh = new Mesh(this.#geometry, this.#material);

  constructor() {
    this.#geometry.index = this.#quad.index;
    this.#geometry.setAttribute('position', this.#quad.getAttribute('position'));
    this.#geometry.setAttribute('place', this.#place);
    this.#geometry.setAttribute('look', this.#look);
    this.#geometry.setAttribute('tint', this.#tint);
    this.#geometry.instanceCount = 0;
    this.#mesh.frustumCulled = false;
    this.#mesh.renderOrder = 5;
    this.#mesh.visible = false;
  }

  setScene(scene: Scene): void {
    this.#mesh.layers.set(overlay);
    scene.add(this.#mesh);
  }

  setTheme(theme: Theme): void {
    this.#material.uniforms.ground.value = [...theme.ground];
  }

  update({ view, pixelRatio }: Frame): boolean {
    const count = Math.min(capacity, this.markers.length);
    for (let i = 0; i < count; i++) {
      const { position, shape, px, color, alpha, line } = this.markers[i];
      this.#place.setXYZ(i, ...position);
      this.#look.setXYZW(i, shapes[shape], px, line, 0);
      this.#tint.setXYZW(i, ...color, alpha);
    }
    this.#geometry.instanceCount = count;
    this.#mesh.visible = count > 0;
    this.#place.needsUpdate = this.#look.needsUpdate = this.#tint.needsUpdate = count > 0;
    this.#material.uniforms.viewport.value.set(view.width * pixelRatio, view.height * pixelRatio);
    this.#material.uniforms.pixelRatio.value = pixelRatio;
    return false;
  }

  dispose(): void {
    this.#mesh.removeFromParent();
    this.#quad.dispose();
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
