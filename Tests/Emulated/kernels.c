// Every kernel of a table against its scalar twin: all sizes up to two vectors and some, on misaligned memory. The
// tolerances are those of Tests/ChargenKernelsTests.
#include <math.h>
#include <string.h>

#include "twins.h"

static void check_to_bfloat16(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  const float special[] = {0, -0.0f, 1, 1.00390625f, 1.01171875f, 3.3e38f, 3.4028235e38f, INFINITY, -INFINITY, NAN, 1e-30f,
                           1e-40f};
  enum { specials = sizeof special / sizeof *special };
  // A NaN whose upper half alone is an infinity; each special number comes to each third place.
  const ck_word low_nan = 0x7f800001;
  for (int first = 0; first < specials; first++) {
    float *from = numbers(n, shift, 21, 40);
    for (ptrdiff_t i = 0; i < n; i += 3) from[i] = special[(i / 3 + first) % specials];
    if (n > 1) memcpy(from + 1, &low_nan, sizeof low_nan);
    ck_half *to[2];
    for (int i = 0; i < 2; i++) {
      to[i] = (ck_half *)take((n + shift + margin) * (ptrdiff_t)sizeof(ck_half)) + shift;
      pair[i]->to_bfloat16(n, from, to[i]);
    }
    agree_exactly("", to[0], to[1], n + margin, sizeof(ck_half));
  }
}

static void check_to_bytes(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  float *from = numbers(n, shift, 31, 1);
  for (ptrdiff_t i = 0; i < 3 && i < n; i++) from[n - 1 - i] = (float)(i - 1);
  uint8_t *to[2];
  for (int i = 0; i < 2; i++) {
    to[i] = (uint8_t *)take(n + shift + margin) + shift;
    pair[i]->to_bytes(n, from, to[i]);
  }
  agree_exactly("", to[0], to[1], n + margin, 1);
}

static void check_scale_products(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  if (n % pair[0]->lanes) return;  // it is only given whole vectors
  uint64_t seed = 32;
  int32_t *from[2];  // products, sums
  for (int i = 0; i < 2; i++) {
    from[i] = (int32_t *)take((n + shift) * (ptrdiff_t)sizeof(int32_t)) + shift;
    for (ptrdiff_t j = 0; j < n; j++) from[i][j] = (int32_t)(next_random(&seed) % 65536) - 32768;
  }
  const float *scales = numbers(n, shift, 33, 1e-5f);
  float *to[2];
  for (int i = 0; i < 2; i++) pair[i]->scale_products(n, from[0], from[1], scales, to[i] = numbers(n, shift, 34, 1));
  agree_exactly("", to[0], to[1], n + margin, sizeof(float));
}

static void check_loss(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  const ptrdiff_t targets[] = {0, n / 2, n - 1};
  // With a gradient, without, and with a NaN that must not get lost.
  for (int kind = 0; kind < 9; kind++) {
    float loss[2], *gradient[2];
    ptrdiff_t count = 0;
    for (int i = 0; i < 2; i++) {
      float *logits = numbers(n, shift, (uint64_t)n, 40);
      for (ptrdiff_t j = 0; j < n; j++) logits[j] += 300;  // without the maximum subtracted these overflow
      if (kind / 3 == 2) logits[targets[kind % 3]] = NAN;
      const ck_operand to = operand(precision, 1, n, shift, 24, 1);
      loss[i] = pair[i]->softmax_cross_entropy[precision](n, logits, (int32_t)targets[kind / 3 == 2 ? 0 : kind % 3], 0.25f,
                                                          kind / 3 == 1 ? NULL : to.data);
      count = widened(to, 1, &gradient[i]);
    }
    const float relative = precision == CK_BFLOAT16 ? 1e-2f : 2e-6f;
    agree(", loss", &loss[0], &loss[1], 1, 2e-6f, relative);
    if (kind / 3 != 2) agree(", gradient", gradient[0], gradient[1], count, 2e-6f, relative);
  }
}

static void check_softmax_weights(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  // In other memory, in place, and the sum alone.
  for (int kind = 0; kind < 6; kind++) {
    float sum[2], *weights[2];
    for (int i = 0; i < 2; i++) {
      float *logits = numbers(n, shift, 25, 30);
      // Far out, e^x would leave the numbers that there are.
      if (kind & 1 && n > 2) logits[1] = -INFINITY, logits[2] = -1e30f;
      weights[i] = kind & 4 ? NULL : kind & 2 ? logits : numbers(n, shift, 26, 1);
      sum[i] = pair[i]->softmax_weights(n, logits, 0.7f, weights[i]);
    }
    if (weights[0]) agree(", weights", weights[0], weights[1], n + margin, 1e-6f, 2e-6f);
    agree(", sum", &sum[0], &sum[1], 1, 1e-6f, 2e-6f);
  }
}

static void check_add(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  const ck_operand x = operand(precision, 1, n, shift, 61, 1);
  float *y[2];
  for (int i = 0; i < 2; i++) pair[i]->add[precision](n, x.data, y[i] = numbers(n, shift, 62, 1));
  agree("", y[0], y[1], n + margin, 0, 0);
}

static void check_add_products(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  const ck_operand x = operand(precision, 1, n, shift, 63, 1), z = operand(precision, 1, n, shift, 64, 1);
  float *y[2];
  for (int i = 0; i < 2; i++) pair[i]->add_products[precision](n, x.data, z.data, y[i] = numbers(n, shift, 65, 1));
  agree("", y[0], y[1], n + margin, 1e-6f, 0);
}

static void check_axpy(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  float *y[2];
  for (int i = 0; i < 2; i++) pair[i]->axpy(n, 0.37f, numbers(n, shift, 1, 1), y[i] = numbers(n, shift, 2, 1));
  agree("", y[0], y[1], n + margin, 1e-6f, 0);
}

static void check_dot(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  const float *x = numbers(n, shift, 3, 1), *y = numbers(n, shift, 4, 1);
  const float found = pair[0]->dot(n, x, y), expected = pair[1]->dot(n, x, y);
  agree("", &found, &expected, 1, 1e-5f, 0);
}

static void check_average(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  float *mean[2];
  for (int i = 0; i < 2; i++) pair[i]->average(n, 0.37f, numbers(n, shift, 1, 1), mean[i] = numbers(n, shift, 2, 1));
  agree("", mean[0], mean[1], n + margin, 1e-6f, 0);
}

static void check_adam(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  for (int decayed = 0; decayed < 2; decayed++) {
    const ck_adam constants = {.learning_rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f,
                               .correction1 = 0.19f, .correction2 = 0.05f, .scale = 0.7f, .limit = 0.4f,
                               .decay = decayed ? 0.1f : 0};
    float *p[2], *m[2], *v[2];
    for (int i = 0; i < 2; i++) {
      p[i] = numbers(n, shift, 6, 1);
      m[i] = numbers(n, shift, 7, 1);
      v[i] = numbers(n, shift, 8, 1);
      for (ptrdiff_t j = 0; j < n; j++) v[i][j] = fabsf(v[i][j]);
      pair[i]->adam(n, &constants, numbers(n, shift, 5, 1), p[i], m[i], v[i]);
    }
    agree(", parameters", p[0], p[1], n + margin, 1e-6f, 1e-6f);
    agree(", means", m[0], m[1], n + margin, 1e-6f, 1e-6f);
    agree(", squares", v[0], v[1], n + margin, 1e-6f, 1e-6f);
  }
}

static void check_sgd(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  // Without momentum, with it, and with Nesterov's.
  for (int kind = 0; kind < 3; kind++) {
    const ck_sgd constants = {.learning_rate = 0.3f, .momentum = 0.9f, .scale = 0.8f, .limit = 0.5f, .nesterov = kind == 2};
    float *p[2], *v[2];
    for (int i = 0; i < 2; i++) {
      p[i] = numbers(n, shift, 10, 1);
      v[i] = numbers(n, shift, 11, 1);
      pair[i]->sgd(n, &constants, numbers(n, shift, 9, 1), p[i], kind ? v[i] : NULL);
    }
    agree(", parameters", p[0], p[1], n + margin, 1e-6f, 0);
    agree(", velocities", v[0], v[1], n + margin, 1e-6f, 0);
  }
}

static void check_adaptive(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  // With and without a mean, momentum, and a divisor that is centered.
  for (int kind = 0; kind < 8; kind++) {
    const int has_mean = kind & 1, has_momentum = kind & 2, is_centered = (kind & 4) && has_mean;
    const ck_adaptive constants = {.learning_rate = 0.01f, .scale = 0.7f, .limit = 0.4f, .mean_decay = 0.9f,
                                   .square_decay = 0.95f, .square_gain = 0.05f, .from_gradient = 0.6f, .from_mean = 1.5f,
                                   .root_factor = 1.7f, .inner_epsilon = 0.01f, .epsilon = 1e-3f, .centered = is_centered,
                                   .momentum = 0.8f};
    float *p[2], *m[2], *v[2], *b[2];
    for (int i = 0; i < 2; i++) {
      p[i] = numbers(n, shift, 52, 1);
      m[i] = numbers(n, shift, 53, 1);
      v[i] = numbers(n, shift, 54, 1);
      b[i] = numbers(n, shift, 55, 1);
      for (ptrdiff_t j = 0; j < n; j++) v[i][j] = fabsf(v[i][j]);
      pair[i]->adaptive(n, &constants, numbers(n, shift, 51, 1), p[i], has_mean ? m[i] : NULL, v[i],
                        has_momentum ? b[i] : NULL);
    }
    agree(", parameters", p[0], p[1], n + margin, 2e-6f, 1e-6f);
    agree(", means", m[0], m[1], n + margin, 1e-6f, 1e-6f);
    agree(", squares", v[0], v[1], n + margin, 1e-6f, 1e-6f);
    agree(", velocities", b[0], b[1], n + margin, 2e-6f, 1e-6f);
  }
}

#define BOTH(name, check, least) {name ", float32", check, CK_FLOAT32, least}, {name ", bfloat16", check, CK_BFLOAT16, least}

static const struct entry {
  const char *name;
  check *check;
  ck_precision precision;
  ptrdiff_t least;
} entries[] = {
    BOTH("tile", check_tile, 0),
    {"tile_int8", check_tile_int8, CK_FLOAT32, 0},
    BOTH("pack", check_pack, 0),
    BOTH("pack_float32", check_pack_float32, 0),
    BOTH("forward[CK_LSTM]", check_lstm_forward, 1),
    BOTH("forward[CK_GRU]", check_gru_forward, 1),
    BOTH("forward[CK_GRU_RESET_BEFORE]", check_reset_before_forward, 1),
    BOTH("forward[CK_SIMPLE_RNN]", check_simple_rnn_forward, 1),
    BOTH("backward[CK_LSTM]", check_lstm_backward, 1),
    BOTH("backward[CK_GRU]", check_gru_backward, 1),
    BOTH("backward[CK_GRU_RESET_BEFORE]", check_reset_before_backward, 1),
    BOTH("backward[CK_SIMPLE_RNN]", check_simple_rnn_backward, 1),
    BOTH("candidate", check_candidate, 1),
    BOTH("candidate_backward", check_candidate_backward, 1),
    BOTH("forward[CK_MLSTM]", check_mlstm_forward, 1),
    BOTH("backward[CK_MLSTM]", check_mlstm_backward, 1),
    BOTH("multiply", check_multiply, 1),
    BOTH("multiply_backward", check_multiply_backward, 1),
    {"moments", check_moments, CK_FLOAT32, 1},
    BOTH("normalize", check_normalize, 1),
    BOTH("normalize_backward", check_normalize_backward, 1),
    {"activate", check_activate, CK_FLOAT32, 0},
    {"differentiate", check_differentiate, CK_FLOAT32, 0},
    BOTH("dropout", check_dropout, 0),
    {"to_bfloat16", check_to_bfloat16, CK_FLOAT32, 0},
    {"to_bytes", check_to_bytes, CK_FLOAT32, 0},
    {"scale_products", check_scale_products, CK_FLOAT32, 0},
    BOTH("softmax_cross_entropy", check_loss, 1),
    {"softmax_weights", check_softmax_weights, CK_FLOAT32, 1},
    BOTH("add", check_add, 0),
    BOTH("add_products", check_add_products, 0),
    {"axpy", check_axpy, CK_FLOAT32, 0},
    {"average", check_average, CK_FLOAT32, 0},
    {"dot", check_dot, CK_FLOAT32, 0},
    {"adam", check_adam, CK_FLOAT32, 0},
    {"sgd", check_sgd, CK_FLOAT32, 0},
    {"adaptive", check_adaptive, CK_FLOAT32, 0},
};

enum { entry_count = sizeof entries / sizeof *entries };
_Static_assert(sizeof(ck_kernels) == offsetof(ck_kernels, tile) + entry_count * sizeof(void (*)(void)),
               "a table's entry has no check here");

int compare_kernels(const ck_kernels *table) {
  const ck_kernels *const pair[] = {table, ck_kernels_for(CK_ISA_SCALAR)};
  const int shifts[] = {0, 1, 3};
  for (int i = 0; i < entry_count; i++)
    for (ptrdiff_t n = entries[i].least; n <= 2 * table->lanes + 3; n++)
      for (int shift = 0; shift < 3; shift++) {
        forget_all();
        subject("%s: %s, size %td, %d off", table->name, entries[i].name, n, shifts[shift]);
        entries[i].check(pair, entries[i].precision, n, shifts[shift]);
      }
  return entry_count;
}
