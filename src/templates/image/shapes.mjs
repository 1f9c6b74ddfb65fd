/** Draws 1,500 pictures of 24 × 24: a circle, a square or a triangle somewhere, on noise. Rows hold what the model names. */
const SIDE = 24;

/** Numbers in [0, 1), the same on every run. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Whether a point lies in a shape of radius 1 around the origin. */
const inside = {
  circle: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.9,
  triangle: (x, y) => y <= 0.9 && 2 * Math.abs(x) <= y + 1,
};

export default function* rows() {
  const random = generator(7);
  const shapes = Object.keys(inside);
  for (let row = 0; row < 1500; row++) {
    const shape = shapes[Math.floor(random() * shapes.length)];
    const radius = 3 + random() * 5;
    const centreX = radius + random() * (SIDE - 2 * radius);
    const centreY = radius + random() * (SIDE - 2 * radius);
    const box = { x0: SIDE, y0: SIDE, x1: 0, y1: 0 };
    const image = Array.from({ length: SIDE }, (_, y) =>
      Float32Array.from({ length: SIDE }, (_, x) => {
        const ink = inside[shape]((x + 0.5 - centreX) / radius, (y + 0.5 - centreY) / radius);
        if (ink) {
          box.x0 = Math.min(box.x0, x);
          box.y0 = Math.min(box.y0, y);
          box.x1 = Math.max(box.x1, x + 1);
          box.y1 = Math.max(box.y1, y + 1);
        }
        return 0.3 * random() + (ink ? 0.7 : 0);
      }),
    );
    const corners = Object.fromEntries(Object.entries(box).map(([key, value]) => [key, value / SIDE]));
    yield { image, shape, ...corners };
  }
}
