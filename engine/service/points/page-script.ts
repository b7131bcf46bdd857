/** The program of an exported page: points in WebGL, orbit, zoom, a legend that filters, what a point is on hover. */
export const pageScript = `'use strict';
const D = JSON.parse(document.getElementById('data').textContent);
const bytes = (t) => { const s = atob(t), b = new Uint8Array(s.length); for (let i = 0; i < s.length; i++) b[i] = s.charCodeAt(i); return new Uint16Array(b.buffer); };
const places = bytes(D.places), codes = bytes(D.codes), P = new Float32Array(D.n * 3);
for (let i = 0; i < P.length; i++) P[i] = places[i] / 65535 * 2 - 1 - D.middle[i % 3];
const hex = (h) => [1, 3, 5].map((i) => parseInt(h.slice(i, i + 2), 16));
const viridis = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const rampColor = (t) => { const x = t * 4, i = Math.min(3, Math.floor(x)), f = x - i; return viridis[i].map((v, c) => v + f * (viridis[i + 1][c] - v)); };
const palette = D.legend.map((l) => hex(l.color)), shown = D.legend.map(() => true), C = new Uint8Array(D.n * 4);
function paint() {
  for (let i = 0; i < D.n; i++) {
    const c = D.ramp ? (codes[i] > 255 ? [138, 138, 138] : rampColor(codes[i] / 255)) : palette.length ? palette[codes[i]] : [120, 160, 200];
    C.set(c, i * 4); C[i * 4 + 3] = palette.length && !shown[codes[i]] ? 0 : 255;
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, cb); gl.bufferData(gl.ARRAY_BUFFER, C, gl.STATIC_DRAW); draw();
}
const canvas = document.querySelector('canvas'), gl = canvas.getContext('webgl', { antialias: true, preserveDrawingBuffer: true }), card = document.getElementById('card');
if (!gl) { document.querySelector('header p').textContent = 'This browser does not offer WebGL, which the points are drawn with.'; throw new Error('no WebGL'); }
const shader = (type, text) => { const s = gl.createShader(type); gl.shaderSource(s, text); gl.compileShader(s); return s; };
const program = gl.createProgram();
gl.attachShader(program, shader(gl.VERTEX_SHADER, 'attribute vec3 p;attribute vec4 c;uniform mat4 m;uniform float size;varying vec4 v;void main(){gl_Position=m*vec4(p,1.);gl_PointSize=c.a>0.?max(1.5,size/gl_Position.w):0.;if(c.a==0.)gl_Position=vec4(9.);v=c;}'));
gl.attachShader(program, shader(gl.FRAGMENT_SHADER, 'precision mediump float;varying vec4 v;void main(){vec2 d=gl_PointCoord*2.-1.;if(dot(d,d)>1.)discard;gl_FragColor=v;}'));
gl.linkProgram(program); gl.useProgram(program); gl.enable(gl.DEPTH_TEST);
const attribute = (name, data, size, type, norm) => { const b = gl.createBuffer(), at = gl.getAttribLocation(program, name); gl.bindBuffer(gl.ARRAY_BUFFER, b); gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW); gl.enableVertexAttribArray(at); gl.vertexAttribPointer(at, size, type, norm, 0, 0); return b; };
attribute('p', P, 3, gl.FLOAT, false); const cb = attribute('c', C, 4, gl.UNSIGNED_BYTE, true);
let yaw = D.dims === 2 ? 0 : .7, pitch = D.dims === 2 ? 0 : .45, far = Math.max(.2, 2.6 * D.bulk), M, px = 0, py = 0;
function matrix() {
  const f = 1 / Math.tan(.45), a = canvas.width / canvas.height, cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch), n = .01, z = 50;
  const R = [cy, sy * sp, -sy * cp, 0, cp, sp, sy, -cy * sp, cy * cp], k = Math.min(1, a), o = new Float32Array(16);
  for (let c = 0; c < 3; c++) { o[c * 4] = R[c * 3] * f / a * k; o[c * 4 + 1] = R[c * 3 + 1] * f * k; o[c * 4 + 2] = -R[c * 3 + 2] * (z + n) / (z - n); o[c * 4 + 3] = -R[c * 3 + 2]; }
  o[12] = px * f / a * k; o[13] = py * f * k; o[14] = far * (z + n) / (z - n) - 2 * z * n / (z - n); o[15] = far;
  return o;
}
let waiting = false;
function draw() { if (waiting) return; waiting = true; requestAnimationFrame(() => { waiting = false;
  const r = devicePixelRatio || 1, w = Math.round(innerWidth * r), h = Math.round(innerHeight * r);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  gl.viewport(0, 0, w, h); const bg = hex(D.dark ? '#15171a' : '#f6f6f4'); gl.clearColor(bg[0] / 255, bg[1] / 255, bg[2] / 255, 1); gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  M = matrix(); gl.uniformMatrix4fv(gl.getUniformLocation(program, 'm'), false, M); gl.uniform1f(gl.getUniformLocation(program, 'size'), r * Math.max(3, Math.min(26, 900 / Math.sqrt(D.n)))); gl.drawArrays(gl.POINTS, 0, D.n); }); }
let drag = null; const fingers = new Map();
canvas.onpointerdown = (e) => { fingers.set(e.pointerId, e); drag = e; canvas.setPointerCapture(e.pointerId); card.style.display = 'none'; };
canvas.onpointerup = canvas.onpointercancel = (e) => { fingers.delete(e.pointerId); drag = null; };
canvas.onpointermove = (e) => {
  if (fingers.size === 2) { const [a, b] = [...fingers.values()], before = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY); fingers.set(e.pointerId, e); const [c, d] = [...fingers.values()]; far = Math.max(.2, Math.min(20, far * before / Math.max(1, Math.hypot(c.clientX - d.clientX, c.clientY - d.clientY)))); return draw(); }
  if (!drag) return hover(e);
  const dx = e.clientX - drag.clientX, dy = e.clientY - drag.clientY; drag = e; fingers.set(e.pointerId, e);
  if (e.shiftKey || e.buttons === 2 || D.dims === 2) { px += dx * far / innerHeight; py -= dy * far / innerHeight; } else { yaw += dx * .006; pitch = Math.max(-1.5, Math.min(1.5, pitch + dy * .006)); }
  draw(); };
canvas.onpointerleave = () => { card.style.display = 'none'; };
canvas.oncontextmenu = (e) => e.preventDefault();
canvas.addEventListener('wheel', (e) => { e.preventDefault(); far = Math.max(.2, Math.min(20, far * Math.exp(e.deltaY * .001))); draw(); }, { passive: false });
canvas.onkeydown = (e) => { const k = { ArrowLeft: () => yaw -= .1, ArrowRight: () => yaw += .1, ArrowUp: () => pitch = Math.max(-1.5, pitch - .1), ArrowDown: () => pitch = Math.min(1.5, pitch + .1), '+': () => far *= .9, '-': () => far /= .9 }[e.key]; if (k) { e.preventDefault(); k(); draw(); } };
function hover(e) {
  if (!M) return; let best = 144, at = -1, depth = Infinity; const w = innerWidth, h = innerHeight;
  for (let i = 0; i < D.n; i++) { if (!C[i * 4 + 3]) continue; const x = P[i * 3], y = P[i * 3 + 1], z = P[i * 3 + 2], W = M[3] * x + M[7] * y + M[11] * z + M[15]; if (W <= 0) continue;
    const dx = ((M[0] * x + M[4] * y + M[8] * z + M[12]) / W + 1) / 2 * w - e.clientX, dy = (1 - (M[1] * x + M[5] * y + M[9] * z + M[13]) / W) / 2 * h - e.clientY, d = dx * dx + dy * dy;
    if (d < best - 4 || (d < best + 4 && W < depth && d < 144)) { best = d; at = i; depth = W; } }
  if (at < 0) { card.style.display = 'none'; return; }
  card.replaceChildren();
  if (D.thumbnails) { const t = document.createElement('div'), s = D.thumbnailSize, k = 2; t.style.cssText = 'width:' + s * k + 'px;height:' + s * k + 'px;background:url(' + D.thumbnails + ') -' + (at % D.thumbnailColumns) * s * k + 'px -' + Math.floor(at / D.thumbnailColumns) * s * k + 'px / ' + D.thumbnailColumns * s * k + 'px auto;image-rendering:pixelated'; card.append(t); }
  const lines = D.names.map((n, c) => n + ': ' + (D.cells[c][at] ?? '–')); if (!lines.length) lines.push('row ' + D.rows[at]);
  for (const l of lines) { const d = document.createElement('div'); d.textContent = l; card.append(d); }
  card.style.display = 'block'; card.style.left = Math.min(e.clientX + 14, w - card.offsetWidth - 8) + 'px'; card.style.top = Math.min(e.clientY + 14, h - card.offsetHeight - 8) + 'px';
}
const aside = document.querySelector('aside');
D.legend.forEach((l, i) => { if (!l.count) return; const b = document.createElement('button'), c = document.createElement('i'), t = document.createElement('b'), s = document.createElement('small'); c.style.background = l.color; t.textContent = l.name; s.textContent = l.count; b.append(c, t, s); b.setAttribute('aria-pressed', 'true'); b.onclick = () => { shown[i] = !shown[i]; b.setAttribute('aria-pressed', String(shown[i])); paint(); }; aside.append(b); });
if (D.ramp) { const d = document.createElement('div'); d.style.cssText = 'width:140px;height:10px;border-radius:4px;background:linear-gradient(90deg,' + viridis.map((v) => 'rgb(' + v + ')') + ')'; const t = document.createElement('small'); t.textContent = D.ramp.low.toPrecision(3) + ' to ' + D.ramp.high.toPrecision(3); aside.append(d, t); }
addEventListener('resize', draw); paint();
`;
