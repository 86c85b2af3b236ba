// The scalar twin of every kernel: plain loops that define what the vector kernels must compute. Processors without a vector
// table run these kernels.
#include <math.h>
#include <string.h>

#include "kernel_tables.h"

// A panel holds two vectors of four lanes, which suits the vectors that the compiler generates.
enum { lanes = 4, panel_width = CK_PANEL_VECTORS * lanes, most_rows = 4 };

static float as_float(ck_word bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static float from_half(ck_half x) { return as_float((ck_word)x << 16); }

/// x rounded to the nearest bfloat16, ties to even. NaN stays NaN.
static ck_half to_half(float x) {
  ck_word bits;
  memcpy(&bits, &x, sizeof bits);
  if (x != x) return (ck_half)((bits | 0x400000) >> 16);
  return (ck_half)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static float get(ck_precision precision, const void *data, ptrdiff_t at) {
  return precision == CK_FLOAT32 ? ((const float *)data)[at] : from_half(((const ck_half *)data)[at]);
}

static void set(ck_precision precision, void *data, ptrdiff_t at, float x) {
  if (precision == CK_FLOAT32) ((float *)data)[at] = x;
  else ((ck_half *)data)[at] = to_half(x);
}

/// sum + the products of the numbers in two words.
static inline float dot_words(ck_precision precision, float sum, ck_word a, ck_word b) {
  if (precision == CK_FLOAT32) return sum + as_float(a) * as_float(b);
  return sum + as_float(a << 16) * as_float(b << 16) + as_float(a & 0xffff0000) * as_float(b & 0xffff0000);
}

static inline void tile(ck_precision precision, int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row,
                        ptrdiff_t a_step, const ck_word *b, const float *init, float *c, ptrdiff_t c_row,
                        int accumulate) {
  for (int i = 0; i < m; i++) {
    float sum[panel_width];
    for (int j = 0; j < panel_width; j++) sum[j] = init ? init[j] : 0;
    for (ptrdiff_t p = 0; p < words; p++) {
      const ck_word x = a[i * a_row + p * a_step];
      for (int j = 0; j < panel_width; j++) sum[j] = dot_words(precision, sum[j], x, b[p * panel_width + j]);
    }
    for (int j = 0; j < panel_width; j++) c[i * c_row + j] = accumulate ? c[i * c_row + j] + sum[j] : sum[j];
  }
}

static void tile_float32(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step, const ck_word *b,
                         const float *init, float *c, ptrdiff_t c_row, int accumulate) {
  tile(CK_FLOAT32, m, words, a, a_row, a_step, b, init, c, c_row, accumulate);
}

static void tile_bfloat16(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step,
                          const ck_word *b, const float *init, float *c, ptrdiff_t c_row, int accumulate) {
  tile(CK_BFLOAT16, m, words, a, a_row, a_step, b, init, c, c_row, accumulate);
}

static void tile_int8(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, const ck_word *b, int32_t *c,
                      ptrdiff_t c_row) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j < panel_width; j++) {
      int32_t sum = 0;
      for (ptrdiff_t p = 0; p < words; p++)
        for (int byte = 0; byte < 32; byte += 8)
          sum += (int32_t)(uint8_t)(a[i * a_row + p] >> byte) * (int8_t)(b[p * panel_width + j] >> byte);
      c[i * c_row + j] = sum;
    }
}

static void pack(ck_precision from, ck_precision to, ptrdiff_t k, int count, const void *data, ptrdiff_t stride,
                 ck_word *packed, ptrdiff_t step) {
  for (ptrdiff_t row = 0; row < k; packed += step, row += to == CK_BFLOAT16 ? 2 : 1)
    for (int j = 0; j < lanes; j++) {
      const float first = j < count ? get(from, data, row * stride + j) : 0;
      if (to == CK_FLOAT32) {
        memcpy(packed + j, &first, sizeof first);
      } else {
        const float second = j < count && row + 1 < k ? get(from, data, (row + 1) * stride + j) : 0;
        packed[j] = to_half(first) | (ck_word)to_half(second) << 16;
      }
    }
}

static void pack_float32(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to, ptrdiff_t step) {
  pack(CK_FLOAT32, CK_FLOAT32, k, count, from, stride, to, step);
}

static void pack_rounding(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to, ptrdiff_t step) {
  pack(CK_FLOAT32, CK_BFLOAT16, k, count, from, stride, to, step);
}

static void pack_bfloat16(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to, ptrdiff_t step) {
  pack(CK_BFLOAT16, CK_BFLOAT16, k, count, from, stride, to, step);
}

static void to_bfloat16(ptrdiff_t n, const float *from, ck_half *to) {
  for (ptrdiff_t j = 0; j < n; j++) to[j] = to_half(from[j]);
}

static void to_bytes(ptrdiff_t n, const float *from, uint8_t *to) {
  for (ptrdiff_t j = 0; j < n; j++) to[j] = (uint8_t)((int32_t)rintf(from[j] * 127.0f) + 128);
}

static void scale_products(ptrdiff_t n, const int32_t *products, const int32_t *sums, const float *scales, float *to) {
  for (ptrdiff_t j = 0; j < n; j++) to[j] = scales[j] * (float)(products[j] - 128 * sums[j]);
}

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

static float activated(ck_activation activation, float x) {
  switch (activation) {
    case CK_SIGMOID: return sigmoid(x);
    case CK_HARD_SIGMOID: return x < -3 ? 0 : x > 3 ? 1 : x / 6 + 0.5f;  // NaN stays NaN
    case CK_TANH: return tanhf(x);
    case CK_RELU: return x < 0 ? 0 : x;
    default: return x;
  }
}

/// The derivative of an activation, computed from its value y.
static float derivative(ck_activation activation, float y) {
  switch (activation) {
    case CK_SIGMOID: return y * (1 - y);
    case CK_HARD_SIGMOID: return y > 0 && y < 1 ? 1.0f / 6 : 0;
    case CK_TANH: return 1 - y * y;
    case CK_RELU: return y > 0 ? 1 : 0;
    default: return 1;
  }
}

#include "tails_scalar.h"

// MARK: Activations and dropout of whole rows

static void activate(ptrdiff_t n, ck_activation activation, float *x) {
  for (ptrdiff_t j = 0; j < n; j++) x[j] = activated(activation, x[j]);
}

static void differentiate(ptrdiff_t n, ck_activation activation, const float *y, float *gradient) {
  for (ptrdiff_t j = 0; j < n; j++) gradient[j] *= derivative(activation, y[j]);
}

/// A hash of 32 bits in which each output bit depends on all input bits (the finalizer of MurmurHash3).
static uint32_t mixed(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

static void dropout(ck_precision precision, ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                    const void *from, void *to) {
  for (ptrdiff_t j = 0; j < n; j++) {
    const uint32_t drawn = mixed(mixed(first + (uint32_t)j + (uint32_t)seed) ^ (uint32_t)(seed >> 32));
    set(precision, to, j, drawn >= threshold ? get(precision, from, j) * scale : 0);
  }
}

static void dropout_float32(ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                            const void *from, void *to) {
  dropout(CK_FLOAT32, n, seed, first, threshold, scale, from, to);
}

static void dropout_bfloat16(ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                             const void *from, void *to) {
  dropout(CK_BFLOAT16, n, seed, first, threshold, scale, from, to);
}

static float largest(ptrdiff_t v, const float *logits) {
  float maximum = logits[0];
  for (ptrdiff_t j = 1; j < v; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  return maximum;
}

static float softmax_weights(ptrdiff_t v, const float *logits, float factor, float *weights) {
  const float maximum = largest(v, logits);
  float sum = 0;
  for (ptrdiff_t j = 0; j < v; j++) {
    const float weight = expf((logits[j] - maximum) * factor);
    if (weights) weights[j] = weight;
    sum += weight;
  }
  return sum;
}

static float softmax_cross_entropy(ck_precision precision, ptrdiff_t v, float *logits, int32_t target, float scale,
                                   void *gradient) {
  const float maximum = largest(v, logits), target_logit = logits[target];
  float sum = 0;
  for (ptrdiff_t j = 0; j < v; j++) sum += expf(logits[j] - maximum);
  if (gradient)
    for (ptrdiff_t j = 0; j < v; j++)
      set(precision, gradient, j, scale * (expf(logits[j] - maximum) / sum - (j == target ? 1 : 0)));
  return logf(sum) + maximum - target_logit;
}

static float softmax_cross_entropy_float32(ptrdiff_t v, float *logits, int32_t target, float scale, void *gradient) {
  return softmax_cross_entropy(CK_FLOAT32, v, logits, target, scale, gradient);
}

static float softmax_cross_entropy_bfloat16(ptrdiff_t v, float *logits, int32_t target, float scale, void *gradient) {
  return softmax_cross_entropy(CK_BFLOAT16, v, logits, target, scale, gradient);
}

static void add_float32(ptrdiff_t n, const void *x, float *y) {
  for (ptrdiff_t j = 0; j < n; j++) y[j] += ((const float *)x)[j];
}

static void add_bfloat16(ptrdiff_t n, const void *x, float *y) {
  for (ptrdiff_t j = 0; j < n; j++) y[j] += from_half(((const ck_half *)x)[j]);
}

static void add_products_float32(ptrdiff_t n, const void *x, const void *z, float *y) {
  for (ptrdiff_t j = 0; j < n; j++) y[j] += ((const float *)x)[j] * ((const float *)z)[j];
}

static void add_products_bfloat16(ptrdiff_t n, const void *x, const void *z, float *y) {
  for (ptrdiff_t j = 0; j < n; j++) y[j] += from_half(((const ck_half *)x)[j]) * from_half(((const ck_half *)z)[j]);
}

static void axpy(ptrdiff_t n, float alpha, const float *x, float *y) {
  for (ptrdiff_t j = 0; j < n; j++) y[j] += alpha * x[j];
}

static void average(ptrdiff_t n, float rate, const float *x, float *mean) {
  for (ptrdiff_t j = 0; j < n; j++) mean[j] += rate * (x[j] - mean[j]);
}

static float dot(ptrdiff_t n, const float *x, const float *y) {
  float sum = 0;
  for (ptrdiff_t j = 0; j < n; j++) sum += x[j] * y[j];
  return sum;
}

static float limited(float g, float limit) { return g > limit ? limit : g < -limit ? -limit : g; }

static void adam(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v) {
  for (ptrdiff_t j = 0; j < n; j++) {
    const float gradient = limited(g[j] * o->scale, o->limit);
    m[j] = o->beta1 * m[j] + (1 - o->beta1) * gradient;
    v[j] = o->beta2 * v[j] + (1 - o->beta2) * gradient * gradient;
    // This is a statement of its own, so that the compiler does not fuse the product with the subtraction below.
    const float kept = p[j] * (1 - o->decay);
    p[j] = kept - o->learning_rate / o->correction1 * (m[j] / (sqrtf(v[j]) / o->correction2 + o->epsilon));
  }
}

static void sgd(ptrdiff_t n, const ck_sgd *o, const float *g, float *p, float *v) {
  for (ptrdiff_t j = 0; j < n; j++) {
    const float gradient = limited(o->scale * g[j], o->limit);
    float step = gradient;
    if (v) {
      v[j] = step = o->momentum * v[j] + gradient;
      if (o->nesterov) step = o->momentum * step + gradient;
    }
    p[j] -= o->learning_rate * step;
  }
}

static void adaptive(ptrdiff_t n, const ck_adaptive *o, const float *g, float *p, float *m, float *v, float *b) {
  for (ptrdiff_t j = 0; j < n; j++) {
    const float gradient = limited(o->scale * g[j], o->limit);
    float mean = 0, square = v[j] = o->square_decay * v[j] + o->square_gain * gradient * gradient;
    if (m) m[j] = mean = o->mean_decay * m[j] + (1 - o->mean_decay) * gradient;
    // The square of a mean is not larger than the mean of squares, but for rounding.
    if (o->centered) square = square > mean * mean ? square - mean * mean : 0;
    const float divisor = o->root_factor * sqrtf(square + o->inner_epsilon) + o->epsilon;
    float step = o->learning_rate * ((o->from_gradient * gradient + o->from_mean * mean) / divisor);
    if (b) b[j] = step = o->momentum * b[j] + step;
    p[j] -= step;
  }
}

const ck_kernels ck_kernels_scalar = {
    .name = "scalar",
    .lanes = lanes,
    .tile_rows = most_rows,
    .tile = {tile_float32, tile_bfloat16},
    .tile_int8 = tile_int8,
    .pack = {pack_float32, pack_bfloat16},
    .pack_float32 = {pack_float32, pack_rounding},
    CK_TAIL_ENTRIES,
    .activate = activate,
    .differentiate = differentiate,
    .dropout = {dropout_float32, dropout_bfloat16},
    .to_bfloat16 = to_bfloat16,
    .to_bytes = to_bytes,
    .scale_products = scale_products,
    .softmax_cross_entropy = {softmax_cross_entropy_float32, softmax_cross_entropy_bfloat16},
    .softmax_weights = softmax_weights,
    .add = {add_float32, add_bfloat16},
    .add_products = {add_products_float32, add_products_bfloat16},
    .axpy = axpy,
    .average = average,
    .dot = dot,
    .adam = adam,
    .sgd = sgd,
    .adaptive = adaptive,
};
