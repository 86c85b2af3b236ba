// The vector kernels, written once and compiled once for each instruction set. A file that includes this defines
//   CK_NAME    the table's name and the suffix of nothing else (everything here is static)
//   CK_LABEL   the instruction set's name as users write it
//   CK_LANES   floats in a vector
//   CK_ROWS    rows of a product tile: CK_ROWS * 4 accumulators must fit the registers
//   CK_TARGET  the function-level target attribute
// Each kernel has its twin, in plain loops, in kernels_scalar.c.
#include <math.h>
#include <string.h>

#include "kernel_tables.h"

typedef float vector __attribute__((vector_size(CK_LANES * 4), aligned(4)));
typedef int32_t integers __attribute__((vector_size(CK_LANES * 4), aligned(4)));

#define INLINE static inline __attribute__((always_inline)) CK_TARGET
enum { lanes = CK_LANES, panel_width = CK_PANEL_VECTORS * CK_LANES };

INLINE vector splat(float x) { return x - (vector){0}; }
INLINE vector load(const float *p) { return *(const vector *)p; }
INLINE void store(float *p, vector x) { *(vector *)p = x; }

/// `count` floats, the rest zero.
INLINE vector load_some(const float *p, int count) {
  if (count == lanes) return load(p);
  vector x = {0};
  memcpy(&x, p, (size_t)count * sizeof(float));
  return x;
}

INLINE void store_some(float *p, vector x, int count) {
  if (count == lanes) store(p, x);
  else memcpy(p, &x, (size_t)count * sizeof(float));
}

/// mask ? x : y, lane by lane. A comparison with NaN is false, so NaN in y stays.
INLINE vector choose(integers mask, vector x, vector y) {
  return (vector)(((integers)x & mask) | ((integers)y & ~mask));
}

INLINE float sum_lanes(vector x) {
  float parts[CK_LANES];
  memcpy(parts, &x, sizeof parts);
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) parts[i] += parts[i + width];
  return parts[0];
}

INLINE float max_lanes(vector x) {
  float parts[CK_LANES], most;
  memcpy(parts, &x, sizeof parts);
  most = parts[0];
  for (int i = 1; i < lanes; i++) most = parts[i] > most ? parts[i] : most;
  return most;
}

/// e^x to 2 units in the last place: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial in r, n added to the exponent.
/// The coefficients are those of Cephes' expf (Moshier).
INLINE vector exponential(vector x) {
  const vector low = splat(-87.3f), high = splat(88.0f), magic = splat(12582912.0f);
  x = choose(x < low, low, x);
  x = choose(x > high, high, x);
  vector n = (x * 1.44269504088896341f + magic) - magic;  // rounds to the nearest integer
  vector r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vector p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  integers exponent = (__builtin_convertvector(n, integers) + 127) << 23;
  return p * (vector)exponent;
}

INLINE vector sigmoid(vector x) { return 1.0f / (1.0f + exponential(-x)); }

/// tanh x: from e^2x, and for small x, where that would cancel, Cephes' odd polynomial.
INLINE vector hyperbolic_tangent(vector x) {
  vector large = 1.0f - 2.0f / (exponential(x + x) + 1.0f);
  vector s = x * x;
  vector p = splat(-5.70498872745e-3f);
  p = p * s + 2.06390887954e-2f;
  p = p * s - 5.37397155531e-2f;
  p = p * s + 1.33314422036e-1f;
  p = p * s - 3.33332819422e-1f;
  vector small = p * (s * x) + x;
  return choose(s < splat(0.390625f), small, large);
}

/// One tile with a constant number of rows, so that the accumulators stay in registers.
INLINE void tile_rows(const int m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b,
                      const float *init, float *c, ptrdiff_t c_row, int accumulate) {
  vector sum[CK_ROWS][CK_PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < CK_PANEL_VECTORS; v++) sum[i][v] = init ? load(init + v * lanes) : splat(0);
  for (ptrdiff_t p = 0; p < k; p++) {
    const vector b0 = load(b), b1 = load(b + lanes), b2 = load(b + 2 * lanes), b3 = load(b + 3 * lanes);
#pragma clang loop unroll(full)
    for (int i = 0; i < m; i++) {
      const vector x = splat(a[i * a_row]);
      sum[i][0] += x * b0;
      sum[i][1] += x * b1;
      sum[i][2] += x * b2;
      sum[i][3] += x * b3;
    }
    a += a_step;
    b += panel_width;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < CK_PANEL_VECTORS; v++) {
      float *to = c + i * c_row + v * lanes;
      store(to, accumulate ? load(to) + sum[i][v] : sum[i][v]);
    }
}

static CK_TARGET void tile(int m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b,
                           const float *init, float *c, ptrdiff_t c_row, int accumulate) {
#define CK_CASE(rows) \
  case rows: tile_rows(rows, k, a, a_row, a_step, b, init, c, c_row, accumulate); break;
  switch (m) {
    CK_CASE(1)
    CK_CASE(2)
    CK_CASE(3)
#if CK_ROWS > 3
    CK_CASE(4)
    CK_CASE(5)
    CK_CASE(6)
#endif
    default: break;
  }
#undef CK_CASE
}

static CK_TARGET void lstm_forward(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel,
                                   const float *product) {
  const ptrdiff_t H = s->H, N = s->N, unit = panel * lanes;
  const int count = H - unit < lanes ? (int)(H - unit) : lanes;
  vector bias[4];
  for (int gate = 0; gate < 4; gate++) bias[gate] = load_some(s->bias + gate * H + unit, count);
  for (int r = 0; r < m; r++, product += panel_width) {
    const ptrdiff_t at = t * N + row + r;
    const float *input = s->input + 4 * H * (s->tokens ? s->tokens[at] : at) + unit;
    float *gates = s->gates + 4 * H * at + unit;
    vector z[4];
    for (int gate = 0; gate < 4; gate++)
      z[gate] = load(product + gate * lanes) + load_some(input + gate * H, count) + bias[gate];
    const vector i = sigmoid(z[0]), f = sigmoid(z[1]), g = hyperbolic_tangent(z[2]), o = sigmoid(z[3]);
    const vector c = f * load_some(s->cell + H * at + unit, count) + i * g;
    store_some(gates, i, count);
    store_some(gates + H, f, count);
    store_some(gates + 2 * H, g, count);
    store_some(gates + 3 * H, o, count);
    store_some(s->cell + H * (at + N) + unit, c, count);
    store_some(s->hidden + H * (at + N) + unit, o * hyperbolic_tangent(c), count);
  }
}

static CK_TARGET void lstm_backward(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel,
                                    const float *product) {
  const ptrdiff_t H = s->H, N = s->N;
  for (int v = 0; v < CK_PANEL_VECTORS; v++) {
    const ptrdiff_t unit = panel * panel_width + v * lanes;
    if (unit >= H) return;
    const int count = H - unit < lanes ? (int)(H - unit) : lanes;
    for (int r = 0; r < m; r++) {
      const ptrdiff_t at = t * N + row + r;
      const float *gates = s->gates + 4 * H * at + unit;
      float *d_gates = s->d_gates + 4 * H * at + unit, *d_cell = s->d_cell + H * (row + r) + unit;
      const vector i = load_some(gates, count), f = load_some(gates + H, count);
      const vector g = load_some(gates + 2 * H, count), o = load_some(gates + 3 * H, count);
      const vector squashed = hyperbolic_tangent(load_some(s->cell + H * (at + N) + unit, count));
      const vector before = load_some(s->cell + H * at + unit, count);
      const vector d_h = load(product + r * panel_width + v * lanes) + load_some(s->d_output + H * at + unit, count);
      const vector d_c = load_some(d_cell, count) + d_h * o * (1.0f - squashed * squashed);
      store_some(d_gates, d_c * g * i * (1.0f - i), count);
      store_some(d_gates + H, d_c * before * f * (1.0f - f), count);
      store_some(d_gates + 2 * H, d_c * i * (1.0f - g * g), count);
      store_some(d_gates + 3 * H, d_h * squashed * o * (1.0f - o), count);
      store_some(d_cell, d_c * f, count);
    }
  }
}

static CK_TARGET float softmax_cross_entropy(ptrdiff_t v, const float *logits, int32_t target, float scale,
                                             float *gradient) {
  const ptrdiff_t whole = v - v % lanes;
  const int rest = (int)(v % lanes);
  // Padding with the row's own first value changes no maximum.
  vector padding = splat(logits[0]), most = padding;
  for (ptrdiff_t j = 0; j < whole; j += lanes) {
    vector x = load(logits + j);
    most = choose(x > most, x, most);
  }
  if (rest) {
    memcpy(&padding, logits + whole, (size_t)rest * sizeof(float));
    most = choose(padding > most, padding, most);
  }
  const float maximum = max_lanes(most);
  const float target_logit = logits[target];
  vector total = splat(0);
  for (ptrdiff_t j = 0; j < whole; j += lanes) {
    vector e = exponential(load(logits + j) - maximum);
    if (gradient) store(gradient + j, e);
    total += e;
  }
  float sum = sum_lanes(total);
  if (rest) {
    float e[CK_LANES];
    vector x = exponential(load_some(logits + whole, rest) - maximum);
    memcpy(e, &x, sizeof e);
    for (int j = 0; j < rest; j++) {
      sum += e[j];
      if (gradient) gradient[whole + j] = e[j];
    }
  }
  if (gradient) {
    const float factor = scale / sum;
    for (ptrdiff_t j = 0; j < whole; j += lanes) store(gradient + j, load(gradient + j) * factor);
    for (ptrdiff_t j = whole; j < v; j++) gradient[j] *= factor;
    gradient[target] -= scale;
  }
  return logf(sum) + maximum - target_logit;
}

static CK_TARGET void axpy(ptrdiff_t n, float alpha, const float *x, float *y) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) store(y + j, load(y + j) + alpha * load(x + j));
  if (j < n) store_some(y + j, load_some(y + j, (int)(n - j)) + alpha * load_some(x + j, (int)(n - j)), (int)(n - j));
}

static CK_TARGET float dot(ptrdiff_t n, const float *x, const float *y) {
  vector a = splat(0), b = a, c = a, d = a;
  ptrdiff_t j = 0;
  for (; j + 4 * lanes <= n; j += 4 * lanes) {
    a += load(x + j) * load(y + j);
    b += load(x + j + lanes) * load(y + j + lanes);
    c += load(x + j + 2 * lanes) * load(y + j + 2 * lanes);
    d += load(x + j + 3 * lanes) * load(y + j + 3 * lanes);
  }
  for (; j + lanes <= n; j += lanes) a += load(x + j) * load(y + j);
  if (j < n) b += load_some(x + j, (int)(n - j)) * load_some(y + j, (int)(n - j));
  return sum_lanes((a + b) + (c + d));
}

INLINE vector limited(vector g, float limit) {
  const vector high = splat(limit), low = splat(-limit);
  g = choose(g > high, high, g);
  return choose(g < low, low, g);
}

INLINE vector square_root(vector x) { return __builtin_elementwise_sqrt(x); }

INLINE void adam_some(int count, const ck_adam *o, const float *g, float *p, float *m, float *v) {
  const vector gradient = limited(load_some(g, count) * o->scale, o->limit);
  const vector mean = o->beta1 * load_some(m, count) + (1.0f - o->beta1) * gradient;
  const vector square = o->beta2 * load_some(v, count) + (1.0f - o->beta2) * (gradient * gradient);
  const vector divisor = square_root(square) / o->correction2 + o->epsilon;
  store_some(m, mean, count);
  store_some(v, square, count);
  store_some(p, load_some(p, count) - (o->learning_rate / o->correction1) * (mean / divisor), count);
}

static CK_TARGET void adam(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) adam_some(lanes, o, g + j, p + j, m + j, v + j);
  if (j < n) adam_some((int)(n - j), o, g + j, p + j, m + j, v + j);
}

static CK_TARGET void sgd(ptrdiff_t n, float rate, float scale, float limit, const float *g, float *p) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    store_some(p + j, load_some(p + j, count) - rate * limited(load_some(g + j, count) * scale, limit), count);
  }
}

const ck_kernels CK_NAME = {
    .name = CK_LABEL,
    .lanes = CK_LANES,
    .tile_rows = CK_ROWS,
    .tile = tile,
    .lstm_forward = lstm_forward,
    .lstm_backward = lstm_backward,
    .softmax_cross_entropy = softmax_cross_entropy,
    .axpy = axpy,
    .dot = dot,
    .adam = adam,
    .sgd = sgd,
};
