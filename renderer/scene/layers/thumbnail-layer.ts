import {
  Color, DynamicDrawUsage, GLSL3, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, PlaneGeometry, ShaderMaterial, Vector2, type Scene,
} from 'three';
import { project, type ScreenPoint } from '../camera/view-projection.ts';
import type { CellGrid } from '../cloud/cell-grid.ts';
import { GridKeeper } from '../cloud/grid-keeper.ts';
import { chooseThumbnails, thumbnailPx, type Placed } from '../cloud/thumbnail-choice.ts';
import { overlay, type Frame, type Layer, type Theme } from './layer.ts';
import { ThumbnailSlots, type ThumbnailSource } from './thumbnail-slots.ts';

const vertexShader = /* glsl */ `
in vec3 place;
in vec4 look;   // slot, side in pixels, alpha, fog
in vec3 edge;
uniform vec2 viewport;
uniform float pixelRatio, snap;
out vec2 vPx;
out vec3 vEdge;
flat out vec4 vLook;
void main() {
  vec4 clip = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
  float side = snap > 0.5 ? floor(look.y * pixelRatio * 0.5 + 0.5) * 2.0 : look.y * pixelRatio;
  vec2 middle = (clip.xy / clip.w * 0.5 + 0.5) * viewport;
  if (snap > 0.5) middle = floor(middle + 0.5);
  vec2 px = position.xy * (side + 4.0);
  clip.xy = ((middle + px) / viewport * 2.0 - 1.0) * clip.w;
  clip.z -= 0.004 * clip.w;
  gl_Position = clip;
  vPx = px;
  vEdge = edge;
  vLook = vec4(look.x, side, look.zw);
}`;

const fragmentShader = /* glsl */ `
precision highp float;
precision highp sampler2DArray;
in vec2 vPx;
in vec3 vEdge;
flat in vec4 vLook;
uniform sampler2DArray pictures;
uniform float texels, pixelRatio;
uniform vec3 ground;
out vec4 color;
void main() {
  float half_ = vLook.y * 0.5;
  float radius = min(4.0 * pixelRatio, half_ * 0.3);
  vec2 q = abs(vPx) - (half_ - radius);
  float d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
  float cover = clamp(0.5 - d, 0.0, 1.0);
  float outer = clamp(1.5 * pixelRatio + 0.5 - d, 0.0, 1.0);
  if (outer * vLook.z < 0.01) discard;
  vec2 uv = clamp(vec2(vPx.x, -vPx.y) / vLook.y + 0.5, 0.0, 1.0);
  float zoom = max(vLook.y / texels, 1.0);
  vec2 between = fract(uv * texels - 0.5);
  vec2 crisp = (floor(uv * texels - 0.5) + 0.5 + clamp((between - 0.5) * zoom + 0.5, 0.0, 1.0)) / texels;
  vec4 picture = texture(pictures, vec3(zoom > 1.001 ? crisp : uv, vLook.x));
  vec3 inside = mix(ground, picture.rgb, picture.a);
  vec3 rgb = mix(mix(mix(ground, vEdge, 0.85), inside, cover), ground, vLook.w);
  color = vec4(rgb, outer * vLook.z);
}`;

const slots = 384;
const fadeMs = 160;
const loadsPerFrame = 40;

interface Shown {
  placed: Placed;
  alpha: number;
  wanted: boolean;
}

/** Pictures of the items near the camera, in one instanced draw. */
export class ThumbnailLayer implements Layer {
  motion = true;
  enabled = true;
  /** Items whose picture is shown wherever they are. */
  must: readonly number[] = [];
  /** Items that come first where there is room. */
  preferred: readonly number[] = [];
  /** Of the positions that the items are at or glide to. */
  readonly grids = new GridKeeper();
  readonly #quad = new PlaneGeometry(1, 1);
  readonly #geometry = new InstancedBufferGeometry();
  readonly #place = new InstancedBufferAttribute(new Float32Array(slots * 3), 3).setUsage(DynamicDrawUsage);
  readonly #look = new InstancedBufferAttribute(new Float32Array(slots * 4), 4).setUsage(DynamicDrawUsage);
  readonly #edge = new InstancedBufferAttribute(new Float32Array(slots * 3), 3).setUsage(DynamicDrawUsage);
  readonly #material = new ShaderMaterial({
    glslVersion: GLSL3, vertexShader, fragmentShader, transparent: true,
    uniforms: {
      viewport: { value: new Vector2(1, 1) }, pixelRatio: { value: 1 }, snap: { value: 1 }, texels: { value: 48 },
      pictures: { value: null }, ground: { value: new Color() },
    },
  });
  readonly #mesh = new Mesh(this.#geometry, this.#material);
  readonly #shown = new Map<number, Shown>();
  #slots: ThumbnailSlots | null = null;
  #colors: Uint8Array | null = null;
  #last = 0;

  constructor() {
    this.#geometry.index = this.#quad.index;
    this.#geometry.setAttribute('position', this.#quad.getAttribute('position'));
    this.#geometry.setAttribute('place', this.#place);
    this.#geometry.setAttribute('look', this.#look);
    this.#geometry.setAttribute('edge', this.#edge);
    this.#geometry.instanceCount = 0;
    this.#mesh.frustumCulled = false;
    this.#mesh.renderOrder = 3;
    this.#mesh.visible = false;
  }

  setScene(scene: Scene): void {
    this.#mesh.layers.set(overlay);
    scene.add(this.#mesh);
  }

  setTheme(theme: Theme): void {
    this.#material.uniforms.ground.value.setRGB(...theme.ground);
  }

  setSource(source: ThumbnailSource | null): void {
    this.#slots?.dispose();
    this.#slots = source && new ThumbnailSlots(source, slots);
    this.#material.uniforms.pictures.value = this.#slots?.texture ?? null;
    this.#material.uniforms.texels.value = source?.side ?? 1;
    this.#shown.clear();
  }

  /** Class or metric colours, for the edge of each picture. @param rgba [N, 4] bytes, kept */
  setColors(rgba: Uint8Array): void {
    this.#colors = rgba;
  }

  /** Items whose picture is on the screen now, with its side in pixels. */
  get shown(): ReadonlyMap<number, { placed: Placed }> {
    return this.#shown;
  }

  /** The grid over the positions that the items are at or glide to, null while it is being made; shared with picking. */
  grid(frame: Pick<Frame, 'cloud'>): CellGrid | null {
    return this.grids.of(frame.cloud.to);
  }

  update(frame: Frame): boolean {
    const { cloud, view } = frame;
    const elapsed = Math.min(60, frame.now - this.#last);
    this.#last = frame.now;
    const wanted = this.#slots && this.enabled && cloud.count > 0
      ? chooseThumbnails(view, cloud, this.grid(frame), frame.size.thumbnail, slots - 24, this.must, this.#preference(), this.#colors)
      : [];
    let busy = this.#follow(wanted);
    const step = this.motion ? elapsed / fadeMs : 1;
    for (const [item, entry] of this.#shown) {
      const target = entry.wanted ? entry.placed.strength : 0;
      const rest = target - entry.alpha;
      entry.alpha += Math.sign(rest) * Math.min(Math.abs(rest), step);
      if (entry.alpha !== target) busy = true;
      if (!entry.wanted && entry.alpha <= 0) this.#shown.delete(item);
    }
    this.#write(frame);
    return busy;
  }

  /** Below 1: goes before others as if it were that much nearer. What was shown stays, so that the picture is quiet. */
  #preference(): ReadonlyMap<number, number> {
    const factors = new Map<number, number>();
    for (const item of this.#shown.keys()) factors.set(item, 0.86);
    for (const item of this.preferred) factors.set(item, 0.3);
    return factors;
  }

  /** Takes over the new choice, loading the pictures it lacks. @returns true when some had to wait */
  #follow(wanted: Placed[]): boolean {
    for (const entry of this.#shown.values()) entry.wanted = false;
    const inUse = new Set(wanted.map((p) => p.item));
    for (const item of this.#shown.keys()) inUse.add(item);
    let loads = loadsPerFrame;
    let waiting = false;
    for (const placed of wanted) {
      const entry = this.#shown.get(placed.item);
      if (entry) {
        entry.placed = placed;
        entry.wanted = true;
      } else if (this.#slots!.get(placed.item) >= 0 || (loads-- > 0 && this.#slots!.load(placed.item, inUse) >= 0)) {
        this.#shown.set(placed.item, { placed, alpha: 0, wanted: true });
      } else if (loads < 0) waiting = true;
    }
    return waiting;
  }

  /** Pictures sink into the ground with distance, less than points do; those asked for stay clear. */
  #fog(placed: Placed, depth: number, distance: number): number {
    if (placed.always) return 0;
    const t = Math.min(1, Math.max(0, (depth - distance + Math.min(0.7, distance * 0.2)) / 1.9));
    return 0.62 * t * t * (3 - 2 * t);
  }

  #write({ cloud, view, pose, pixelRatio, moving, size }: Frame): void {
    const entries = [...this.#shown.values()].sort((a, b) => b.placed.depth - a.placed.depth).slice(-slots);
    const here: [number, number, number] = [0, 0, 0];
    const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
    let n = 0;
    for (const { placed, alpha } of entries) {
      if (placed.item >= cloud.count) continue;
      cloud.at(placed.item, here);
      project(view, here[0], here[1], here[2], at);
      const natural = thumbnailPx(size.thumbnail, view.pixelsPerUnit, Math.max(at.depth, view.near));
      this.#place.setXYZ(n, here[0], here[1], here[2]);
      this.#look.setXYZW(n, this.#slots!.get(placed.item), Math.max(placed.px > natural + 1 ? placed.px : natural, 1), alpha, this.#fog(placed, at.depth, pose.distance));
      const c = placed.item * 4;
      if (this.#colors) this.#edge.setXYZ(n, this.#colors[c] / 255, this.#colors[c + 1] / 255, this.#colors[c + 2] / 255);
      n++;
    }
    this.#geometry.instanceCount = n;
    this.#mesh.visible = n > 0;
    this.#place.needsUpdate = this.#look.needsUpdate = this.#edge.needsUpdate = n > 0;
    const { uniforms } = this.#material;
    uniforms.viewport.value.set(view.width * pixelRatio, view.height * pixelRatio);
    uniforms.pixelRatio.value = pixelRatio;
    uniforms.snap.value = moving ? 0 : 1;
  }

  pick({ cloud, view }: Frame, x: number, y: number): number {
    let best = -1;
    let nearest = Infinity;
    for (const [item, { placed, alpha }] of this.#shown) {
      if (alpha < 0.4 || item >= cloud.count) continue;
      const at = project(view, ...cloud.at(item));
      if (at.depth > view.near && at.depth < nearest && Math.abs(at.x - x) <= placed.px / 2 && Math.abs(at.y - y) <= placed.px / 2) {
        best = item;
        nearest = at.depth;
      }
    }
    return best;
  }

  dispose(): void {
    this.#mesh.removeFromParent();
    this.#quad.dispose();
    this.#geometry.dispose();
    this.#material.dispose();
    this.#slots?.dispose();
    this.#slots = null;
    this.grids.dispose();
  }
}
