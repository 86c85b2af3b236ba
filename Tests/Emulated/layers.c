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
  const int is_lstm = r->kind == CK_LSTM, is_gru = r->kind == CK_GRU || r->kind == CK_GRU_RESET_BEFORE;
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
  if (r->kind == CK_GRU_RESET_BEFORE) s.reset = operand(r->precision, T * N, H, shift, seed + 10, 1);
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
  if (s->reset.data) add_operand(to, "reset states", s->reset, steps * N);
  if (s->cell) add_part(to, "cells", s->cell, (steps + 1) * N * H + margin);
  add_part(to, "states' gradient", s->d_hidden, N * H + margin);
  if (s->d_cell) add_part(to, "cells' gradient", s->d_cell, N * H + margin);
}

void set_weights(ck_team *team, const ck_kernels *kernels, ck_recurrent *s, const float *recurrent, const float *candidate,
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
    ck_pack(team, kernels, precision, H, H, candidate, 1, H, second);
  } else {
    ck_pack_gates(team, kernels, precision, H, H, all, recurrent, packed);
    ck_pack_gates(team, kernels, precision, H, H, 1, candidate, second);
  }
  s->recurrent = packed;
  if (s->kind == CK_GRU_RESET_BEFORE) s->candidate = second;
}

// MARK: Tails

typedef enum side { FORWARD, BACKWARD, CANDIDATE, CANDIDATE_BACKWARD } side;

static ck_tail *tail_of(const ck_kernels *kernels, side side, ck_cell kind, ck_precision precision) {
  switch (side) {
    case FORWARD: return kernels->forward[kind][precision];
    case BACKWARD: return kernels->backward[kind][precision];
    case CANDIDATE: return kernels->candidate[precision];
    default: return kernels->candidate_backward[precision];
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

/// One tail of a layer of H units and 3 sequences. Variants, bit by bit: with a mask, with dropout, at the last step or
/// the one before, with one gate more in the product; and all of them with each choice of activations.
static void check_tail(tables pair, ck_precision precision, ptrdiff_t H, int shift, side side, ck_cell kind) {
  enum { N = 3, T = 2 };
  const int backward = side == BACKWARD || side == CANDIDATE_BACKWARD, alone = backward || side == CANDIDATE;
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
    for (int i = 0; i < results[1].count; i++) {
      const struct part *found = &results[0].parts[i], *expected = &results[1].parts[i];
      char what[64];
      snprintf(what, sizeof what, ", variant %d, %s", variant, expected->name);
      // A sum that rounds to the other neighbour is 2^-7 of itself off in bfloat16.
      agree(what, found->numbers, expected->numbers, expected->count, 4e-6f,
            expected->precision == CK_BFLOAT16 ? 8e-3f : 4e-6f);
    }
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

// MARK: Whole passes

/// Sizes N, H, T. Forward, then back over other numbers: where those forward round to different neighbours, a
/// derivative may jump. Variants, bit by bit: with a mask, with dropout, with other activations, with one gate more in
/// the product.
result run_recurrent(ck_team *team, const ck_kernels *kernels, const operation *o, int variant, const ptrdiff_t *size) {
  const ck_cell kind = (ck_cell)o->kind;
  const ptrdiff_t H = size[1];
  const ck_activation *choice = choices[variant & 4 ? 1 : 0];
  const recipe r = {.kind = kind, .precision = (ck_precision)o->precision, .activation = choice[0],
                    .gate_activation = choice[1], .masked = variant & 1, .dropped = variant & 2, .tokens = size[2] % 2,
                    .product_gates = ck_facts(kind).gates + (variant & 8 ? 1 : 0), .N = size[0], .H = H, .T = size[2]};
  const float scale = 1 / sqrtf((float)H);
  const float *recurrent = numbers(H * r.product_gates * H, 0, 30, scale), *candidate = numbers(H * H, 0, 31, scale);
  result found = {0};
  for (int backward = 0; backward < 2; backward++) {
    ck_recurrent s = make_layer(&r, 0, (uint64_t)backward * 100);
    set_weights(team, kernels, &s, recurrent, candidate, backward);
    (backward ? ck_recurrent_backward : ck_recurrent_forward)(team, kernels, &s);
    add_layer(&found, &s, r.T);
  }
  return found;
}
