// Recurrent layers: one of random numbers, each of its tails, and whole passes over time.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "twins.h"

const ck_activation choices[choice_count][2] = {{CK_TANH, CK_SIGMOID}, {CK_RELU, CK_HARD_SIGMOID}, {CK_LINEAR, CK_TANH},
                                                {CK_SIGMOID, CK_RELU}, {CK_HARD_SIGMOID, CK_LINEAR}};

/// Numbers of which some are what an activation gives where its derivative jumps.
static void add_limits(ck_operand x, ptrdiff_t rows, ptrdiff_t columns) {
  const float limits[] = {0, 1};
  for (ptrdiff_t row = 0; row < rows; row++)
    for (ptrdiff_t column = row % 3; column < columns; column += 5) {
      ck_word bits;
      memcpy(&bits, &limits[(row + column) % 2], sizeof bits);
      if (x.precision == CK_BFLOAT16) ((ck_half *)x.data)[row * x.stride + column] = (ck_half)(bits >> 16);
      else ((ck_word *)x.data)[row * x.stride + column] = bits;
    }
}

ck_recurrent make_layer(const recipe *r, int shift, uint64_t seed) {
  enum { V = 5 };
  const ck_cell_facts facts = ck_facts(r->kind);
  const ptrdiff_t N = r->N, H = r->H, T = r->T, rows = r->tokens ? V : T * N;
  const int is_lstm = r->kind == CK_LSTM || r->kind == CK_MLSTM, is_gru = r->kind == CK_GRU || r->kind == CK_GRU_RESET_BEFORE;
  ck_recurrent s = {.kind = r->kind, .activation = r->activation, .gate_activation = r->gate_activation,
                    .N = N, .H = H, .last = T, .product_gates = r->product_gates,
                    .input = numbers(rows * facts.inputs * H, shift, seed + 1, 2),
                    .bias = numbers(facts.inputs * H, shift, seed + 2, 1),
                    .gates = operand(r->precision, T * N, facts.slots * H, shift, seed + 3, 1),
                    .hidden = operand(r->precision, (T + 1) * N, H, shift, seed + 4, 1),
                    .d_output = numbers(T * N * H, shift, seed + 5, 1), .d_hidden = numbers(N * H, shift, seed + 6, 1)};
  add_limits(s.gates, T * N, facts.slots * H);
  add_limits(s.hidden, (T + 1) * N, H);
  if (is_lstm || (is_gru && r->precision == CK_BFLOAT16)) s.cell = numbers((T + 1) * N * H, shift, seed + 7, 1.5f);
  if (is_lstm) s.d_cell = numbers(N * H, shift, seed + 8, 1);
  if (r->kind == CK_GRU) s.recurrent_bias = numbers(3 * H, shift, seed + 9, 1);
  if (r->kind == CK_GRU_RESET_BEFORE || r->kind == CK_MLSTM)
    s.intermediate = operand(r->precision, T * N, H, shift, seed + 10, 1);
  if (r->normalized) {
    float *gain = numbers(facts.gates * H, shift, seed + 14, 0.5f);
    for (ptrdiff_t i = 0; i < facts.gates * H; i++) gain[i] += 1;
    s.gain = gain;
    s.epsilon = 1e-3f;
    s.normalized = operand(r->precision, T * N, facts.gates * H, shift, seed + 15, 1);
    s.deviations = numbers(T * N, shift, seed + 16, 1);
    s.d_product = operand(r->precision, T * N, facts.gates * H, shift, seed + 17, 1);
  }
  uint64_t random = seed + 11;
  if (r->tokens) {
    int32_t *tokens = take(T * N * (ptrdiff_t)sizeof(int32_t));
    for (ptrdiff_t i = 0; i < T * N; i++) tokens[i] = (int32_t)(next_random(&random) % V);
    s.tokens = tokens;
  }
  if (r->masked) {
    uint8_t *mask = take(T * N);
    for (ptrdiff_t i = 0; i < T * N; i++) mask[i] = (uint8_t)(next_random(&random) % 3);
    s.mask = mask;
  }
  if (r->dropped) {
    float *factors = numbers(N * H, shift, seed + 12, 1);
    for (ptrdiff_t i = 0; i < N * H; i++) factors[i] = factors[i] < -0.4f ? 0 : 1.25f;
    s.dropout = factors;
    s.dropped = operand(r->precision, (T + 1) * N, H, shift, seed + 13, 1);
  }
  return s;
}

void add_layer(result *to, const ck_recurrent *s, ptrdiff_t steps) {
  const ptrdiff_t N = s->N, H = s->H;
  add_operand(to, "gates", s->gates, steps * N);
  add_operand(to, "states", s->hidden, (steps + 1) * N);
  if (s->dropout) add_operand(to, "dropped states", s->dropped, (steps + 1) * N);
  if (s->intermediate.data) add_operand(to, "intermediate states", s->intermediate, steps * N);
  if (s->gain) {
    add_operand(to, "normalized products", s->normalized, steps * N);
    add_part(to, "deviations", s->deviations, steps * N + margin);
    add_operand(to, "gradients of products", s->d_product, steps * N);
  }
  if (s->cell) add_part(to, "cells", s->cell, (steps + 1) * N * H + margin);
  add_part(to, "states' gradient", s->d_hidden, N * H + margin);
  if (s->d_cell) add_part(to, "cells' gradient", s->d_cell, N * H + margin);
}

void set_weights(ck_team *team, const ck_kernels *kernels, ck_recurrent *s, const float *recurrent, const float *other,
                 int backward) {
  const ck_precision precision = s->hidden.precision;
  const int all = s->product_gates, gates = ck_facts(s->kind).gates;
  const ptrdiff_t H = s->H, size = backward ? ck_packed_size(kernels, precision, gates * H, H)
                                            : ck_packed_gates_size(kernels, precision, H, H, all);
  const ptrdiff_t one = backward ? ck_packed_size(kernels, precision, H, H)
                                 : ck_packed_gates_size(kernels, precision, H, H, 1);
  ck_word *packed = take(size * (ptrdiff_t)sizeof(ck_word)), *second = take(one * (ptrdiff_t)sizeof(ck_word));
  if (backward) {
    ck_pack(team, kernels, precision, gates * H, H, recurrent, 1, all * H, packed);
    ck_pack(team, kernels, precision, H, H, other, 1, H, second);
  } else {
    ck_pack_gates(team, kernels, precision, H, H, all, recurrent, packed);
    ck_pack_gates(team, kernels, precision, H, H, 1, other, second);
    if (s->gain) s->raw = take(ck_recurrent_scratch(team, kernels, s->kind, s->N, H) * (ptrdiff_t)sizeof(float));
  }
  s->recurrent = packed;
  if (s->kind == CK_GRU_RESET_BEFORE || s->kind == CK_MLSTM) s->second = second;
}

// MARK: Tails

typedef enum side { FORWARD, BACKWARD, CANDIDATE, CANDIDATE_BACKWARD, MULTIPLY, MULTIPLY_BACKWARD } side;

static ck_tail *tail_of(const ck_kernels *kernels, side side, ck_cell kind, ck_precision precision) {
  switch (side) {
    case FORWARD: return kernels->forward[kind][precision];
    case BACKWARD: return kernels->backward[kind][precision];
    case CANDIDATE: return kernels->candidate[precision];
    case CANDIDATE_BACKWARD: return kernels->candidate_backward[precision];
    case MULTIPLY: return kernels->multiply[precision];
    default: return kernels->multiply_backward[precision];
  }
}

/// All units of step t; `values` [N, gates, H] is what the product gives, whatever the number of lanes.
static void run_tail(const ck_kernels *kernels, const ck_recurrent *s, ck_tail *tail, ptrdiff_t t, int backward,
                     int gates, int shift, const float *values) {
  const ptrdiff_t units = (backward ? CK_PANEL_VECTORS : ck_gate_vectors(gates)) * kernels->lanes;
  for (ptrdiff_t block = 0; block * units < s->H; block++) {
    const ptrdiff_t left = s->H - block * units, count = left < units ? left : units;
    float *product = numbers(s->N * gates * units, shift, 20, 9);
    for (ptrdiff_t row = 0; row < s->N * gates; row++)
      memcpy(product + row * units, values + row * s->H + block * units, (size_t)count * sizeof(float));
    tail(s, t, 0, 1, block, product);
    tail(s, t, 1, (int)s->N - 1, block, product + gates * units);
  }
}

static void agree_in_parts(const result *a, const result *b, int variant) {
  for (int i = 0; i < b->count; i++) {
    const struct part *found = &a->parts[i], *expected = &b->parts[i];
    char what[64];
    snprintf(what, sizeof what, ", variant %d, %s", variant, expected->name);
    // A sum that rounds to the other neighbour is 2^-7 of itself off in bfloat16.
    agree(what, found->numbers, expected->numbers, expected->count, 4e-6f,
          expected->precision == CK_BFLOAT16 ? 8e-3f : 4e-6f);
  }
}

/// One tail of a layer of H units and 3 sequences. Variants, bit by bit: with a mask, with dropout, at the last step or
/// the one before, with one gate more in the product; and all of them with each choice of activations.
static void check_tail(tables pair, ck_precision precision, ptrdiff_t H, int shift, side side, ck_cell kind) {
  enum { N = 3, T = 2 };
  const int backward = side == BACKWARD || side == CANDIDATE_BACKWARD || side == MULTIPLY_BACKWARD;
  const int alone = backward || side == CANDIDATE || side == MULTIPLY;
  for (int variant = 0; variant < 16 * choice_count; variant++) {
    const int product_gates = ck_facts(kind).gates + (variant & 8 ? 1 : 0), gates = alone ? 1 : product_gates;
    if (variant & 8 && (kind != CK_GRU || backward)) continue;
    const ck_activation *choice = choices[variant / 16];
    const recipe r = {.kind = kind, .precision = precision, .activation = choice[0], .gate_activation = choice[1],
                      .masked = variant & 1, .dropped = variant & 2, .tokens = (variant >> 1 ^ variant >> 2) & 1,
                      .product_gates = product_gates, .N = N, .H = H, .T = T};
    forget_all();
    const float *values = numbers(N * gates * H, 0, 21, 2);
    result results[2] = {0};
    for (int i = 0; i < 2; i++) {
      const ck_recurrent s = make_layer(&r, shift, 0);
      ck_tail *tail = tail_of(pair[i], side, kind, precision);
      run_tail(pair[i], &s, tail, variant & 4 ? 0 : T - 1, backward, gates, shift, values);
      add_layer(&results[i], &s, T);
    }
    agree_in_parts(&results[0], &results[1], variant);
  }
}

#define CHECK(name, side, kind)                                                             \
  void check_##name(tables pair, ck_precision precision, ptrdiff_t n, int shift) {          \
    check_tail(pair, precision, n, shift, side, kind);                                      \
  }
CHECK(lstm_forward, FORWARD, CK_LSTM)
CHECK(gru_forward, FORWARD, CK_GRU)
CHECK(reset_before_forward, FORWARD, CK_GRU_RESET_BEFORE)
CHECK(simple_rnn_forward, FORWARD, CK_SIMPLE_RNN)
CHECK(candidate, CANDIDATE, CK_GRU_RESET_BEFORE)
CHECK(lstm_backward, BACKWARD, CK_LSTM)
CHECK(gru_backward, BACKWARD, CK_GRU)
CHECK(reset_before_backward, BACKWARD, CK_GRU_RESET_BEFORE)
CHECK(simple_rnn_backward, BACKWARD, CK_SIMPLE_RNN)
CHECK(candidate_backward, CANDIDATE_BACKWARD, CK_GRU_RESET_BEFORE)
CHECK(mlstm_forward, FORWARD, CK_MLSTM)
CHECK(mlstm_backward, BACKWARD, CK_MLSTM)
CHECK(multiply, MULTIPLY, CK_MLSTM)
CHECK(multiply_backward, MULTIPLY_BACKWARD, CK_MLSTM)

// MARK: Layer normalization of products

void check_moments(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  // Whole vectors, of which the numbers after the first n are zero and do not count; near zero and far from it.
  const ptrdiff_t all = (n + pair[0]->lanes - 1) / pair[0]->lanes * pair[0]->lanes;
  for (int far = 0; far < 2; far++) {
    float *x = take((all + shift) * (ptrdiff_t)sizeof(float)), mean[2], inverse[2];
    x += shift;
    memcpy(x, numbers(n, 0, 71, 1), (size_t)n * sizeof(float));
    for (ptrdiff_t i = 0; i < n; i++) x[i] += far ? 3 : 0;
    for (int i = 0; i < 2; i++) mean[i] = pair[i]->moments(all, n, x, 1e-3f, &inverse[i]);
    agree(", mean", &mean[0], &mean[1], 1, 2e-6f, 0);
    agree(", inverse", &inverse[0], &inverse[1], 1, 0, 2e-4f);
  }
}

/// Products of H units with 1, 3 and 4 gates, in rows of step 1.
static void check_norm(tables pair, ck_precision precision, ptrdiff_t H, int shift, int backward) {
  enum { N = 3, T = 2 };
  const ck_cell kinds[] = {CK_SIMPLE_RNN, CK_GRU, CK_LSTM};
  for (int variant = 0; variant < 6; variant++) {
    const ck_cell kind = kinds[variant / 2];
    const int gates = ck_facts(kind).gates;
    const recipe r = {.kind = kind, .precision = precision, .product_gates = gates, .normalized = 1, .N = N, .H = H, .T = T};
    forget_all();
    const float *values = numbers(N * gates * H, 0, 22, 2);
    result results[2] = {0};
    for (int i = 0; i < 2; i++) {
      ck_recurrent s = make_layer(&r, shift, 0);
      if (variant % 2 && !backward) s.normalized.data = NULL;  // not stored
      const ptrdiff_t units = ck_gate_vectors(gates) * pair[i]->lanes;
      float *products = numbers(N * gates * H, 0, 23, 1);
      for (ptrdiff_t row = 0; row < N; row++) {
        if (backward) {
          pair[i]->normalize_backward[precision](&s, N + row);
          continue;
        }
        for (ptrdiff_t block = 0; block * units < H; block++) {
          float *raw = numbers(gates * units, shift, 24, 9), *product = numbers(gates * units, shift, 25, 9);
          const ptrdiff_t left = H - block * units, count = left < units ? left : units;
          for (int gate = 0; gate < gates; gate++)
            memcpy(raw + gate * units, values + (row * gates + gate) * H + block * units, (size_t)count * sizeof(float));
          pair[i]->normalize[precision](&s, N + row, block, gates, raw, 0.3f, 1.7f, product);
          for (int gate = 0; gate < gates; gate++)
            memcpy(products + (row * gates + gate) * H + block * units, product + gate * units,
                   (size_t)count * sizeof(float));
        }
      }
      add_part(&results[i], "products", products, N * gates * H + margin);
      if (!s.normalized.data) continue;
      add_layer(&results[i], &s, T);
    }
    agree_in_parts(&results[0], &results[1], variant);
  }
}

void check_normalize(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  check_norm(pair, precision, n, shift, 0);
}

void check_normalize_backward(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  check_norm(pair, precision, n, shift, 1);
}

// MARK: Whole passes

/// Sizes N, H, T. Forward, then back over other numbers: where those forward round to different neighbours, a
/// derivative may jump. Variants, bit by bit: with a mask, with dropout, with other activations; and
/// with normalized products, or, of a CK_GRU, with one gate more in the product and then with normalized products.
result run_recurrent(ck_team *team, const ck_kernels *kernels, const operation *o, int variant, const ptrdiff_t *size) {
  const ck_cell kind = (ck_cell)o->kind;
  const ptrdiff_t H = size[1];
  const ck_activation *choice = choices[variant & 4 ? 1 : 0];
  const int one_more = kind == CK_GRU && variant & 8;
  const recipe r = {.kind = kind, .precision = (ck_precision)o->precision, .activation = choice[0],
                    .gate_activation = choice[1], .masked = variant & 1, .dropped = variant & 2, .tokens = size[2] % 2,
                    .normalized = variant & (kind == CK_GRU ? 16 : 8),
                    .product_gates = ck_facts(kind).gates + (one_more ? 1 : 0), .N = size[0], .H = H, .T = size[2]};
  const float scale = 1 / sqrtf((float)H);
  const float *recurrent = numbers(H * r.product_gates * H, 0, 30, scale), *other = numbers(H * H, 0, 31, scale);
  result found = {0};
  for (int backward = 0; backward < 2; backward++) {
    ck_recurrent s = make_layer(&r, 0, (uint64_t)backward * 100);
    set_weights(team, kernels, &s, recurrent, other, backward);
    (backward ? ck_recurrent_backward : ck_recurrent_forward)(team, kernels, &s);
    add_layer(&found, &s, r.T);
  }
  return found;
}
