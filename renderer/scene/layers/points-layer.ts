import { BufferAttribute, BufferGeometry, Color, DynamicDrawUsage, GLSL3, Points, ShaderMaterial, type Scene } from 'three';
import { depthOrder, depthOrderLimit } from '../cloud/depth-order.ts';
import { spreadOrder } from '../cloud/draw-budget.ts';
import { pointsOnly, type Frame, type Layer, type Theme } from './layer.ts';

const vertexShader = /* glsl */ `
in vec3 previous;
in vec4 tint;
uniform float mixing, pixelsPerUnit, diameter, minPx, maxPx, pixelRatio, fogNear, fogFar;
out vec4 vTint;
out float vFog, vPx;
void main() {
  vec4 eye = modelViewMatrix * vec4(mix(previous, position, mixing), 1.0);
  gl_Position = projectionMatrix * eye;
  float depth = max(-eye.z, 1e-4);
  float wanted = diameter * pixelsPerUnit / depth;
  float px = clamp(wanted, minPx, maxPx);
  if (tint.a < 0.5) px = max(minPx, px * 0.7);
  vTint = tint;
  vTint.a *= clamp(wanted / minPx, 0.35, 1.0);
  if (tint.a == 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  vFog = smoothstep(fogNear, fogFar, depth);
  vPx = px * pixelRatio;
  gl_PointSize = vPx + 1.0;
}`;

const fragmentShader = /* glsl */ `
precision highp float;
in vec4 vTint;
in float vFog, vPx;
uniform vec3 ground;
uniform float opacity, fog, glow;
out vec4 color;
void main() {
  float d = length(gl_PointCoord - 0.5) * (vPx + 1.0);
  float radius = vPx * 0.5;
  float cover = clamp(radius - d + 0.5, 0.0, 1.0);
  float alpha = cover * vTint.a * opacity * (1.0 - 0.35 * fog * vFog);
  if (alpha < 0.01) discard;
  float rim = smoothstep(0.25, 1.0, d / max(radius, 0.5)) * smoothstep(3.0, 7.0, vPx);
  vec3 lit = vTint.rgb * (1.0 + glow * (1.0 - rim)) * (1.0 - 0.24 * rim);
  color = vec4(mix(lit, ground, fog * vFog), alpha);
}`;

/** All items as round points in one draw; the graphics card glides them between two frames. */
export class PointsLayer implements Layer {
  /** 0 to 1. */
  opacity = 0.92;
  readonly #geometry = new BufferGeometry();
  readonly #material = new ShaderMaterial({
    glslVersion: GLSL3,
    vertexShader,
    fragmentShader,
    transparent: true,
    uniforms: {
      mixing: { value: 1 }, pixelsPerUnit: { value: 1 }, diameter: { value: 0.02 }, minPx: { value: 1.5 }, maxPx: { value: 22 },
      pixelRatio: { value: 1 }, fogNear: { value: 2 }, fogFar: { value: 5 }, ground: { value: new Color() }, opacity: { value: 1 },
      fog: { value: 0.72 }, glow: { value: 0.1 },
    },
  });
  readonly #points = new Points(this.#geometry, this.#material);
  #shownTo: Float32Array | null = null;
  #shownFrom: Float32Array | null = null;
  /** Items of the spread order that is the index now; 0: it is another. */
  #spreadOver = 0;
  #orderedFor = '';
  #orderedTo: Float32Array | null = null;

  constructor() {
    this.#points.frustumCulled = false;
    this.#points.renderOrder = 1;
    this.#points.visible = false;
  }

  setScene(scene: Scene): void {
    this.#points.layers.set(pointsOnly);
    scene.add(this.#points);
  }

  setTheme(theme: Theme): void {
    const { uniforms } = this.#material;
    uniforms.ground.value.setRGB(...theme.ground);
    uniforms.glow.value = theme.dark ? 0.14 : 0;
    uniforms.fog.value = theme.dark ? 0.72 : 0.62;
  }

  /** @param rgba [N, 4] bytes; kept, not copied. Call again after changing them. */
  setColors(rgba: Uint8Array): void {
    const now = this.#geometry.getAttribute('tint') as BufferAttribute | undefined;
    if (now?.array === rgba) now.needsUpdate = true;
    else this.#geometry.setAttribute('tint', new BufferAttribute(rgba, 4, true).setUsage(DynamicDrawUsage));
  }

  update(frame: Frame): boolean {
    const { cloud, size, view } = frame;
    const tint = this.#geometry.getAttribute('tint');
    this.#points.visible = cloud.count > 0 && tint?.count === cloud.count;
    if (!this.#points.visible) return false;
    if (this.#shownTo !== cloud.to) this.#setPositions('position', (this.#shownTo = cloud.to));
    if (this.#shownFrom !== cloud.from) this.#setPositions('previous', (this.#shownFrom = cloud.from));
    const { uniforms } = this.#material;
    uniforms.mixing.value = cloud.mix;
    uniforms.pixelsPerUnit.value = view.pixelsPerUnit;
    // A part of the points stands for all of them, each a little larger.
    const share = frame.part.alone ? Math.max(1, cloud.count / frame.part.count) : 1;
    uniforms.diameter.value = size.point * Math.min(2.5, Math.cbrt(share));
    uniforms.minPx.value = size.minPx * Math.min(1.8, Math.cbrt(share));
    uniforms.maxPx.value = size.maxPx;
    uniforms.pixelRatio.value = frame.pixelRatio;
    uniforms.opacity.value = this.opacity;
    uniforms.fogNear.value = frame.pose.distance - Math.min(0.75, frame.pose.distance * 0.25);
    uniforms.fogFar.value = frame.pose.distance + 1.9;
    this.#order(frame);
    return false;
  }

  #setPositions(name: string, array: Float32Array): void {
    const now = this.#geometry.getAttribute(name) as BufferAttribute | undefined;
    const other = this.#geometry.getAttribute(name === 'position' ? 'previous' : 'position') as BufferAttribute | undefined;
    if (now && now.count !== array.length / 3) this.#geometry.dispose();
    // At rest both are the same array, and it goes to the graphics card once.
    if (other?.array === array) this.#geometry.setAttribute(name, other);
    else if (now && now !== other && now.count === array.length / 3) {
      now.array = array;
      now.needsUpdate = true;
    } else this.#geometry.setAttribute(name, new BufferAttribute(array, 3));
  }

  #order({ cloud, view, part }: Frame): void {
    const whole = part.count >= cloud.count;
    this.#geometry.setDrawRange(part.from, whole ? Infinity : part.count);
    if (cloud.count > depthOrderLimit) {
      if (!whole && this.#spreadOver !== cloud.count) {
        if (this.#geometry.index) this.#geometry.dispose();
        this.#geometry.setIndex(new BufferAttribute(spreadOrder(cloud.count), 1));
        this.#spreadOver = cloud.count;
      } else if (this.#geometry.index && this.#spreadOver !== cloud.count) this.#geometry.setIndex(null);
      return;
    }
    this.#spreadOver = 0;
    const key = `${view.forward.join()} ${cloud.mix}`;
    if (key === this.#orderedFor && this.#geometry.index?.count === cloud.count && cloud.mix === 1 && this.#orderedTo === cloud.to) return;
    this.#orderedFor = key;
    this.#orderedTo = cloud.to;
    let index = this.#geometry.index;
    if (index?.count !== cloud.count) {
      if (index) this.#geometry.dispose();
      index = new BufferAttribute(new Uint32Array(cloud.count), 1).setUsage(DynamicDrawUsage);
      this.#geometry.setIndex(index);
    }
    depthOrder(view, cloud.from, cloud.to, cloud.mix, index!.array as Uint32Array);
    index!.needsUpdate = true;
  }

  dispose(): void {
    this.#points.removeFromParent();
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
