// The vector kernels, written once and compiled once for each instruction set. A file that includes this defines
//   CK_NAME    the name of the table (all other names are static)
//   CK_LABEL   the name of the instruction set as users write it
//   CK_LANES   the number of words in a vector
//   CK_ROWS    the number of rows of a product tile; CK_ROWS * 2 accumulators must fit the registers
//   CK_TARGET  the function-level target attribute
// and may define, where the processor has faster instructions than the definitions below,
//   CK_DOT_BFLOAT16(sum, a, b)  sum + the products of both halves of each word
//   CK_DOT_INT8(sum, a, b)      sum + the products of the four bytes of each word, unsigned ones of a and signed ones of b
//   CK_DOT_SIGNED_INT8(sum, a, b)  the same for signed bytes of a and b, instead of CK_DOT_INT8
//   CK_RECIPROCAL(x)            1 / x to two units in the last place
//   CK_NEAREST(x)               the nearest integer; defined together with
//   CK_SCALE(x, n)              x * 2^n
// kernels_scalar.c holds the scalar twin of each kernel.
#include <math.h>
#include <string.h>

#include "kernel_tables.h"

typedef float vector __attribute__((vector_size(CK_LANES * 4), aligned(4), may_alias));
typedef int32_t integers __attribute__((vector_size(CK_LANES * 4), aligned(4), may_alias));
typedef uint32_t words __attribute__((vector_size(CK_LANES * 4), aligned(4), may_alias));
typedef uint16_t halves __attribute__((vector_size(CK_LANES * 2), aligned(2), may_alias));
typedef uint8_t bytes __attribute__((vector_size(CK_LANES), aligned(1), may_alias));

#define INLINE static inline __attribute__((always_inline)) CK_TARGET
enum { lanes = CK_LANES, panel_width = CK_PANEL_VECTORS * CK_LANES };

INLINE vector splat(float x) { return x - (vector){0}; }
INLINE words splat_word(ck_word x) { return x - (words){0}; }
INLINE vector load(const float *p) { return *(const vector *)p; }
INLINE void store(float *p, vector x) { *(vector *)p = x; }
INLINE words load_words(const ck_word *p) { return *(const words *)p; }

/// Loads `count` floats; the other lanes are zero.
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

/// mask ? x : y, lane by lane. A comparison with NaN is false, so NaN in y is kept.
INLINE vector choose(integers mask, vector x, vector y) {
  return (vector)(((integers)x & mask) | ((integers)y & ~mask));
}

/// x rounded to bfloat16 in the upper half of each word; the lower half is zero. NaN stays NaN.
INLINE words rounded(vector x) {
  const words bits = (words)x, nan = (words)(x != x);
  const words up = bits + 0x7fff + ((bits >> 16) & 1);
  return (((bits | 0x400000) & nan) | (up & ~nan)) & 0xffff0000u;
}

INLINE vector widened(halves x) { return (vector)(__builtin_convertvector(x, words) << 16); }
INLINE halves narrowed(vector x) { return __builtin_convertvector(rounded(x) >> 16, halves); }

INLINE halves load_halves(const ck_half *p, int count) {
  if (count == lanes) return *(const halves *)p;
  halves x = {0};
  memcpy(&x, p, (size_t)count * sizeof(ck_half));
  return x;
}

/// Loads `count` numbers of an operand as floats.
INLINE vector load_operand(const ck_precision precision, const void *data, ptrdiff_t at, int count) {
  if (precision == CK_FLOAT32) return load_some((const float *)data + at, count);
  return widened(load_halves((const ck_half *)data + at, count));
}

INLINE void store_operand(const ck_precision precision, void *data, ptrdiff_t at, vector x, int count) {
  if (precision == CK_FLOAT32) {
    store_some((float *)data + at, x, count);
  } else {
    const halves narrow = narrowed(x);
    if (count == lanes) *(halves *)((ck_half *)data + at) = narrow;
    else memcpy((ck_half *)data + at, &narrow, (size_t)count * sizeof(ck_half));
  }
}

// The distance, in words, at which a packed panel is prefetched.
#define CK_PREFETCH (40 * panel_width)
#ifndef CK_RECIPROCAL
#define CK_RECIPROCAL(x) (1.0f / (x))
#endif
#ifdef CK_DOT_BFLOAT16
enum { has_bfloat16 = 1 };
#else
enum { has_bfloat16 = 0 };
// A bfloat16 is the upper half of a float32.
#define CK_DOT_BFLOAT16(sum, a, b)                                         \
  ((sum) + (vector)((a) << 16) * (vector)((b) << 16) +                     \
   (vector)((a) & 0xffff0000u) * (vector)((b) & 0xffff0000u))
#endif
#if defined(CK_DOT_SIGNED_INT8)
enum { has_int8 = 1, dots_are_signed = 1 };
#define CK_DOT_INT8 CK_DOT_SIGNED_INT8
#elif defined(CK_DOT_INT8)
enum { has_int8 = 1, dots_are_signed = 0 };
#else
enum { has_int8 = 0, dots_are_signed = 0 };
// This is exact but slower than products of float32, so that sampling prefers those (see ck_kernels).
#define CK_DOT_INT8(sum, a, b)                                             \
  ((sum) + (integers)((a) & 0xff) * ((integers)((b) << 24) >> 24) +        \
   (integers)(((a) >> 8) & 0xff) * ((integers)((b) << 16) >> 24) +         \
   (integers)(((a) >> 16) & 0xff) * ((integers)((b) << 8) >> 24) +         \
   (integers)((a) >> 24) * ((integers)(b) >> 24))
#endif

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

#ifndef CK_NEAREST
// After adding 1.5 * 2^23, a float32 has no bits for a fraction.
#define CK_NEAREST(x) (((x) + 12582912.0f) - 12582912.0f)
#define CK_SCALE(x, n) ((x) * (vector)((__builtin_convertvector(n, integers) + 127) << 23))
#endif

/// Splits x into n ln 2 + r with |r| <= ln 2 / 2 and returns e^r - 1, computed by the polynomial of Cephes' expf (Moshier).
INLINE vector exponential_parts(vector x, vector *n) {
  *n = CK_NEAREST(x * 1.44269504088896341f);
  vector r = x - *n * 0.693359375f;
  r = r - *n * -2.12194440e-4f;
  vector p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r) + r;
}

/// x limited to [low, high]. NaN stays NaN.
INLINE vector limited(vector x, float low, float high) {
  const vector least = splat(low), most = splat(high);
  x = choose(x < least, least, x);
  return choose(x > most, most, x);
}

/// e^x to 2 units in the last place.
INLINE vector exponential(vector x) {
  vector n;
  const vector p = exponential_parts(limited(x, -87.3f, 88.0f), &n);
  return CK_SCALE(p + 1.0f, n);
}

INLINE vector sigmoid(vector x) { return CK_RECIPROCAL(1.0f + exponential(-x)); }

/// tanh x = (e^2x - 1) / (e^2x + 1), where e^2x - 1 is computed without cancellation for small x.
INLINE vector hyperbolic_tangent(vector x) {
  vector n;
  const vector p = exponential_parts(limited(x + x, -18.0f, 18.0f), &n);
  const vector less_one = CK_SCALE(p, n) + (CK_SCALE(splat(1), n) - 1.0f);
  return less_one * CK_RECIPROCAL(less_one + 2.0f);
}

INLINE vector activated(const ck_activation activation, vector x) {
  switch (activation) {
    case CK_SIGMOID: return sigmoid(x);
    case CK_HARD_SIGMOID: return limited(x * (1.0f / 6) + 0.5f, 0, 1);
    case CK_TANH: return hyperbolic_tangent(x);
    case CK_RELU: return choose(x < 0.0f, splat(0), x);
    default: return x;
  }
}

/// The gradient of an activation's input, from the gradient of its value and the value y.
INLINE vector differentiated(const ck_activation activation, vector gradient, vector y) {
  switch (activation) {
    case CK_SIGMOID: return gradient * y * (1.0f - y);
    case CK_HARD_SIGMOID: return choose((y > 0.0f) & (y < 1.0f), gradient * (1.0f / 6), splat(0));
    case CK_TANH: return gradient * (1.0f - y * y);
    case CK_RELU: return choose(y > 0.0f, gradient, splat(0));
    default: return gradient;
  }
}

/// Computes one tile with a constant number of rows, so that the accumulators stay in registers.
INLINE void tile_rows(const ck_precision precision, const int m, ptrdiff_t count, const ck_word *a, ptrdiff_t a_row,
                      ptrdiff_t a_step, const ck_word *b, const float *init, float *c, ptrdiff_t c_row,
                      int accumulate) {
  vector sum[CK_ROWS][CK_PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++) {
    sum[i][0] = init ? load(init) : splat(0);
    sum[i][1] = init ? load(init + lanes) : splat(0);
    // c is read or overwritten at the end; the prefetch overlaps with the products.
    __builtin_prefetch(c + i * c_row);
    __builtin_prefetch(c + i * c_row + lanes);
  }
  // One pointer for every third row; the next two rows are addressed by an index register and twice that register. Without
  // this, the compiler computes row addresses in a chain of additions that takes as long as the products.
  enum { groups = (CK_ROWS + 2) / 3 };
  const ck_word *rows[groups];
#pragma clang loop unroll(full)
  for (int g = 0; g < groups; g++) rows[g] = a + (3 * g < m ? 3 * g : 0) * a_row;
  for (ptrdiff_t p = 0; p < count; p++) {
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++)
      if (3 * g < m) __asm__("" : "+r"(rows[g]));
    const words b0 = load_words(b), b1 = load_words(b + lanes);
    __builtin_prefetch(b + CK_PREFETCH);
    __builtin_prefetch(b + CK_PREFETCH + lanes);
#pragma clang loop unroll(full)
    for (int i = 0; i < m; i++) {
      const words x = splat_word(rows[i / 3][i % 3 * a_row]);
      if (precision == CK_FLOAT32) {
        sum[i][0] += (vector)x * (vector)b0;
        sum[i][1] += (vector)x * (vector)b1;
      } else {
        sum[i][0] = CK_DOT_BFLOAT16(sum[i][0], x, b0);
        sum[i][1] = CK_DOT_BFLOAT16(sum[i][1], x, b1);
      }
    }
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++)
      if (3 * g < m) rows[g] += a_step;
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

/// The unsigned bytes of `a` as operands of the products of bytes. Where only signed bytes can be multiplied, 128 is
/// subtracted from each, and the products are too small by 128 times the sum of the weights.
INLINE words splat_bytes(ck_word a) { return splat_word(dots_are_signed ? a ^ 0x80808080u : a); }

/// Adds the bytes of two vectors of weights to `sums`, where they are needed.
INLINE void sum_bytes(integers sums[CK_PANEL_VECTORS], const ck_word *b) {
  if (!dots_are_signed) return;
  for (int v = 0; v < CK_PANEL_VECTORS; v++)
    sums[v] = CK_DOT_INT8(sums[v], splat_word(0x01010101), load_words(b + v * lanes));
}

/// Computes one tile of products of bytes. Sums of integers do not depend on their order, so tiles of few rows use two sets
/// of accumulators to hide the latency.
INLINE void tile_int8_rows(const int m, ptrdiff_t count, const ck_word *a, ptrdiff_t a_row, const ck_word *b,
                           int32_t *c, ptrdiff_t c_row) {
  integers even[CK_ROWS][CK_PANEL_VECTORS] = {0}, odd[CK_ROWS][CK_PANEL_VECTORS] = {0}, sums[CK_PANEL_VECTORS] = {0};
  ptrdiff_t p = 0;
  if (m <= 3) {
    for (; p + 2 <= count; p += 2, b += 2 * panel_width) {
      __builtin_prefetch(b + 2 * CK_PREFETCH);
      __builtin_prefetch(b + 2 * CK_PREFETCH + lanes);
      __builtin_prefetch(b + 2 * CK_PREFETCH + 2 * lanes);
      __builtin_prefetch(b + 2 * CK_PREFETCH + 3 * lanes);
      sum_bytes(sums, b);
      sum_bytes(sums, b + panel_width);
#pragma clang loop unroll(full)
      for (int i = 0; i < m; i++) {
        const words x = splat_bytes(a[i * a_row + p]), y = splat_bytes(a[i * a_row + p + 1]);
        even[i][0] = CK_DOT_INT8(even[i][0], x, load_words(b));
        even[i][1] = CK_DOT_INT8(even[i][1], x, load_words(b + lanes));
        odd[i][0] = CK_DOT_INT8(odd[i][0], y, load_words(b + 2 * lanes));
        odd[i][1] = CK_DOT_INT8(odd[i][1], y, load_words(b + 3 * lanes));
      }
    }
  }
  for (; p < count; p++, b += panel_width) {
    sum_bytes(sums, b);
#pragma clang loop unroll(full)
    for (int i = 0; i < m; i++) {
      const words x = splat_bytes(a[i * a_row + p]);
      even[i][0] = CK_DOT_INT8(even[i][0], x, load_words(b));
      even[i][1] = CK_DOT_INT8(even[i][1], x, load_words(b + lanes));
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < CK_PANEL_VECTORS; v++)
      *(integers *)(c + i * c_row + v * lanes) = even[i][v] + odd[i][v] + sums[v] * 128;
}

#if CK_ROWS == 14
#define CK_ALL_ROWS \
  CK_CASE(1) CK_CASE(2) CK_CASE(3) CK_CASE(4) CK_CASE(5) CK_CASE(6) CK_CASE(7) CK_CASE(8) CK_CASE(9) CK_CASE(10) \
  CK_CASE(11) CK_CASE(12) CK_CASE(13) CK_CASE(14)
#elif CK_ROWS == 12
#define CK_ALL_ROWS \
  CK_CASE(1) CK_CASE(2) CK_CASE(3) CK_CASE(4) CK_CASE(5) CK_CASE(6) CK_CASE(7) CK_CASE(8) CK_CASE(9) CK_CASE(10) \
  CK_CASE(11) CK_CASE(12)
#elif CK_ROWS == 6
#define CK_ALL_ROWS CK_CASE(1) CK_CASE(2) CK_CASE(3) CK_CASE(4) CK_CASE(5) CK_CASE(6)
#endif

static CK_TARGET void tile_float32(int m, ptrdiff_t count, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step,
                                   const ck_word *b, const float *init, float *c, ptrdiff_t c_row, int accumulate) {
#define CK_CASE(rows) \
  case rows: tile_rows(CK_FLOAT32, rows, count, a, a_row, a_step, b, init, c, c_row, accumulate); break;
  switch (m) { CK_ALL_ROWS }
#undef CK_CASE
}

static CK_TARGET void tile_bfloat16(int m, ptrdiff_t count, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step,
                                    const ck_word *b, const float *init, float *c, ptrdiff_t c_row, int accumulate) {
#define CK_CASE(rows) \
  case rows: tile_rows(CK_BFLOAT16, rows, count, a, a_row, a_step, b, init, c, c_row, accumulate); break;
  switch (m) { CK_ALL_ROWS }
#undef CK_CASE
}

static CK_TARGET void tile_int8(int m, ptrdiff_t count, const ck_word *a, ptrdiff_t a_row, const ck_word *b,
                                int32_t *c, ptrdiff_t c_row) {
#define CK_CASE(rows) \
  case rows: tile_int8_rows(rows, count, a, a_row, b, c, c_row); break;
  switch (m) { CK_ALL_ROWS }
#undef CK_CASE
}

/// Packs one word of each column from row `row` and, where a word holds two numbers, row `row + 1`.
INLINE words pack_word(const ck_precision from, const ck_precision to, const void *data, ptrdiff_t row,
                       ptrdiff_t k, ptrdiff_t stride, int count) {
  if (to == CK_FLOAT32) return (words)load_some((const float *)data + row * stride, count);
  if (from == CK_FLOAT32) {
    const words first = rounded(load_some((const float *)data + row * stride, count));
    const words second =
        row + 1 < k ? rounded(load_some((const float *)data + (row + 1) * stride, count)) : (words){0};
    return (first >> 16) | second;
  }
  const words first = __builtin_convertvector(load_halves((const ck_half *)data + row * stride, count), words);
  const words second =
      row + 1 < k ? __builtin_convertvector(load_halves((const ck_half *)data + (row + 1) * stride, count), words)
                  : (words){0};
  return first | (second << 16);
}

INLINE void pack_all(const ck_precision from, const ck_precision to, ptrdiff_t k, int count, const void *data,
                     ptrdiff_t stride, ck_word *packed, ptrdiff_t step) {
  const int numbers = to == CK_BFLOAT16 ? 2 : 1;
  // The loop is written twice, so that the common case of whole vectors does not test the count.
  if (count == lanes) {
    for (ptrdiff_t row = 0; row < k; row += numbers, packed += step)
      *(words *)packed = pack_word(from, to, data, row, k, stride, lanes);
  } else {
    for (ptrdiff_t row = 0; row < k; row += numbers, packed += step)
      *(words *)packed = pack_word(from, to, data, row, k, stride, count);
  }
}

static CK_TARGET void pack_float32(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to,
                                   ptrdiff_t step) {
  pack_all(CK_FLOAT32, CK_FLOAT32, k, count, from, stride, to, step);
}

static CK_TARGET void pack_rounding(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to,
                                    ptrdiff_t step) {
  pack_all(CK_FLOAT32, CK_BFLOAT16, k, count, from, stride, to, step);
}

static CK_TARGET void pack_bfloat16(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to,
                                    ptrdiff_t step) {
  pack_all(CK_BFLOAT16, CK_BFLOAT16, k, count, from, stride, to, step);
}

static CK_TARGET void to_bfloat16(ptrdiff_t n, const float *from, ck_half *to) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) *(halves *)(to + j) = narrowed(load(from + j));
  if (j < n) store_operand(CK_BFLOAT16, to, j, load_some(from + j, (int)(n - j)), (int)(n - j));
}

static CK_TARGET void to_bytes(ptrdiff_t n, const float *from, uint8_t *to) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    // This product is a statement of its own, so that it is rounded before the addition, as in the scalar twin, and not
    // fused with it.
    const vector scaled = load_some(from + j, count) * 127.0f;
    // After adding 1.5 * 2^23, the lower bits hold the nearest integer.
    const words q = (words)(scaled + 12582912.0f) - 0x4b400000u + 128u;
    const bytes narrow = __builtin_convertvector(q & 0xff, bytes);
    memcpy(to + j, &narrow, (size_t)count);
  }
}

static CK_TARGET void scale_products(ptrdiff_t n, const int32_t *products, const int32_t *sums, const float *scales,
                                     float *to) {
  // n is a multiple of the lanes, because panels consist of whole vectors.
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const integers centred = *(const integers *)(products + j) - *(const integers *)(sums + j) * 128;
    store(to + j, load(scales + j) * __builtin_convertvector(centred, vector));
  }
}

#include "tails_vector.h"

// MARK: Activations and dropout of whole rows

static CK_TARGET void activate(ptrdiff_t n, ck_activation activation, float *x) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    store_some(x + j, activated(activation, load_some(x + j, count)), count);
  }
}

static CK_TARGET void differentiate(ptrdiff_t n, ck_activation activation, const float *y, float *gradient) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const vector d = differentiated(activation, load_some(gradient + j, count), load_some(y + j, count));
    store_some(gradient + j, d, count);
  }
}

/// A hash of 32 bits in which each output bit depends on all input bits (the finalizer of MurmurHash3).
INLINE words mixed(words x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

INLINE void dropout(const ck_precision precision, ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold,
                    float scale, const void *from, void *to) {
  static const uint32_t counts[CK_MAX_LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const words number = load_words(counts) + (first + (uint32_t)j);
    const words drawn = mixed(mixed(number + (uint32_t)seed) ^ (uint32_t)(seed >> 32));
    const vector x = load_operand(precision, from, j, count);
    store_operand(precision, to, j, choose((integers)(drawn >= threshold), x * scale, splat(0)), count);
  }
}

static CK_TARGET void dropout_float32(ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                                      const void *from, void *to) {
  dropout(CK_FLOAT32, n, seed, first, threshold, scale, from, to);
}

static CK_TARGET void dropout_bfloat16(ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                                       const void *from, void *to) {
  dropout(CK_BFLOAT16, n, seed, first, threshold, scale, from, to);
}

/// The largest of v logits. It is NaN where the first logit is NaN; other NaN are ignored.
INLINE float largest(ptrdiff_t v, const float *logits) {
  const ptrdiff_t whole = v - v % lanes;
  const int rest = (int)(v % lanes);
  // Padding with the row's first value does not change the maximum.
  vector padding = splat(logits[0]), most = padding;
  for (ptrdiff_t j = 0; j < whole; j += lanes) {
    vector x = load(logits + j);
    most = choose(x > most, x, most);
  }
  if (rest) {
    memcpy(&padding, logits + whole, (size_t)rest * sizeof(float));
    most = choose(padding > most, padding, most);
  }
  return max_lanes(most);
}

/// Returns the sum of exp((logits - maximum) * factor) and stores the terms in `weights` where that is not NULL. `weights`
/// may be `logits`.
INLINE float exponentials(ptrdiff_t v, const float *logits, float maximum, float factor, float *weights) {
  const ptrdiff_t whole = v - v % lanes;
  const int rest = (int)(v % lanes);
  vector total = splat(0);
  for (ptrdiff_t j = 0; j < whole; j += lanes) {
    vector e = exponential((load(logits + j) - maximum) * factor);
    if (weights) store(weights + j, e);
    total += e;
  }
  float sum = sum_lanes(total);
  if (rest) {
    float e[CK_LANES];
    vector x = exponential((load_some(logits + whole, rest) - maximum) * factor);
    memcpy(e, &x, sizeof e);
    for (int j = 0; j < rest; j++) {
      sum += e[j];
      if (weights) weights[whole + j] = e[j];
    }
  }
  return sum;
}

static CK_TARGET float softmax_weights(ptrdiff_t v, const float *logits, float factor, float *weights) {
  return exponentials(v, logits, largest(v, logits), factor, weights);
}

INLINE float softmax_cross_entropy(const ck_precision precision, ptrdiff_t v, float *logits, int32_t target,
                                   float scale, void *gradient) {
  const float maximum = largest(v, logits), target_logit = logits[target];
  const float sum = exponentials(v, logits, maximum, 1, gradient ? logits : NULL);
  if (gradient) {
    const float factor = scale / sum;
    logits[target] -= sum;
    for (ptrdiff_t j = 0; j < v; j += lanes) {
      const int count = v - j < lanes ? (int)(v - j) : lanes;
      store_operand(precision, gradient, j, load_some(logits + j, count) * factor, count);
    }
  }
  return logf(sum) + maximum - target_logit;
}

static CK_TARGET float softmax_cross_entropy_float32(ptrdiff_t v, float *logits, int32_t target, float scale,
                                                     void *gradient) {
  return softmax_cross_entropy(CK_FLOAT32, v, logits, target, scale, gradient);
}

static CK_TARGET float softmax_cross_entropy_bfloat16(ptrdiff_t v, float *logits, int32_t target, float scale,
                                                      void *gradient) {
  return softmax_cross_entropy(CK_BFLOAT16, v, logits, target, scale, gradient);
}

INLINE void add(const ck_precision precision, ptrdiff_t n, const void *x, float *y) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) store(y + j, load(y + j) + load_operand(precision, x, j, lanes));
  if (j < n) store_some(y + j, load_some(y + j, (int)(n - j)) + load_operand(precision, x, j, (int)(n - j)), (int)(n - j));
}

static CK_TARGET void add_float32(ptrdiff_t n, const void *x, float *y) { add(CK_FLOAT32, n, x, y); }
static CK_TARGET void add_bfloat16(ptrdiff_t n, const void *x, float *y) { add(CK_BFLOAT16, n, x, y); }

INLINE void add_products(const ck_precision precision, ptrdiff_t n, const void *x, const void *z, float *y) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const vector product = load_operand(precision, x, j, count) * load_operand(precision, z, j, count);
    store_some(y + j, load_some(y + j, count) + product, count);
  }
}

static CK_TARGET void add_products_float32(ptrdiff_t n, const void *x, const void *z, float *y) {
  add_products(CK_FLOAT32, n, x, z, y);
}

static CK_TARGET void add_products_bfloat16(ptrdiff_t n, const void *x, const void *z, float *y) {
  add_products(CK_BFLOAT16, n, x, z, y);
}

static CK_TARGET void axpy(ptrdiff_t n, float alpha, const float *x, float *y) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) store(y + j, load(y + j) + alpha * load(x + j));
  if (j < n) store_some(y + j, load_some(y + j, (int)(n - j)) + alpha * load_some(x + j, (int)(n - j)), (int)(n - j));
}

static CK_TARGET void average(ptrdiff_t n, float rate, const float *x, float *mean) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) store(mean + j, load(mean + j) + rate * (load(x + j) - load(mean + j)));
  if (j < n) {
    const int count = (int)(n - j);
    const vector old = load_some(mean + j, count);
    store_some(mean + j, old + rate * (load_some(x + j, count) - old), count);
  }
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

INLINE vector square_root(vector x) { return __builtin_elementwise_sqrt(x); }

INLINE void adam_some(int count, const ck_adam *o, const float *g, float *p, float *m, float *v) {
  const vector gradient = limited(load_some(g, count) * o->scale, -o->limit, o->limit);
  const vector mean = o->beta1 * load_some(m, count) + (1.0f - o->beta1) * gradient;
  const vector square = o->beta2 * load_some(v, count) + (1.0f - o->beta2) * (gradient * gradient);
  const vector divisor = square_root(square) * (1.0f / o->correction2) + o->epsilon;
  store_some(m, mean, count);
  store_some(v, square, count);
  // This is a statement of its own, so that the compiler does not fuse the product with the subtraction below.
  const vector kept = load_some(p, count) * (1.0f - o->decay);
  store_some(p, kept - (o->learning_rate / o->correction1) * (mean / divisor), count);
}

static CK_TARGET void adam(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v) {
  ptrdiff_t j = 0;
  for (; j + lanes <= n; j += lanes) adam_some(lanes, o, g + j, p + j, m + j, v + j);
  if (j < n) adam_some((int)(n - j), o, g + j, p + j, m + j, v + j);
}

static CK_TARGET void sgd(ptrdiff_t n, const ck_sgd *o, const float *g, float *p, float *v) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const vector gradient = limited(load_some(g + j, count) * o->scale, -o->limit, o->limit);
    vector step = gradient;
    if (v) {
      step = o->momentum * load_some(v + j, count) + gradient;
      store_some(v + j, step, count);
      if (o->nesterov) step = o->momentum * step + gradient;
    }
    store_some(p + j, load_some(p + j, count) - o->learning_rate * step, count);
  }
}

static CK_TARGET void adaptive(ptrdiff_t n, const ck_adaptive *o, const float *g, float *p, float *m, float *v, float *b) {
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const vector gradient = limited(load_some(g + j, count) * o->scale, -o->limit, o->limit);
    vector mean = splat(0), square = o->square_decay * load_some(v + j, count) + o->square_gain * (gradient * gradient);
    store_some(v + j, square, count);
    if (m) {
      mean = o->mean_decay * load_some(m + j, count) + (1.0f - o->mean_decay) * gradient;
      store_some(m + j, mean, count);
    }
    // The square of a mean is not larger than the mean of squares, but for rounding.
    if (o->centered) square = limited(square - mean * mean, 0, INFINITY);
    const vector divisor = o->root_factor * square_root(square + o->inner_epsilon) + o->epsilon;
    vector step = o->learning_rate * ((o->from_gradient * gradient + o->from_mean * mean) / divisor);
    if (b) {
      step = o->momentum * load_some(b + j, count) + step;
      store_some(b + j, step, count);
    }
    store_some(p + j, load_some(p + j, count) - step, count);
  }
}

const ck_kernels CK_NAME = {
    .name = CK_LABEL,
    .lanes = CK_LANES,
    .tile_rows = CK_ROWS,
    .has_bfloat16 = has_bfloat16,
    .has_int8 = has_int8,
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
