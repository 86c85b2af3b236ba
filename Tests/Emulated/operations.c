// Whole operations against the scalar table's, on sizes that are multiples of nothing, so that the drivers' own edges are
// met: packing, half-filled panels, blocks of the summed dimension. Teams of 1, 2 and 3 threads must give the same bits.
#include "chargen_streams.h"

#include <string.h>

#include "twins.h"

enum { team_count = 3, most_cases = 7 };

static ck_word *take_words(ptrdiff_t count) { return take(count * (ptrdiff_t)sizeof(ck_word)); }
static float *take_floats(ptrdiff_t count) { return take(count * (ptrdiff_t)sizeof(float)); }

/// Sizes m, n, k. The right side is packed from rows and from columns, and with a bias and without.
static result run_product(ck_team *team, const ck_kernels *kernels, const operation *o, int variant,
                          const ptrdiff_t *size) {
  (void)variant;
  const ck_precision precision = (ck_precision)o->precision;
  const ptrdiff_t m = size[0], n = size[1], k = size[2];
  const ck_operand a = operand(precision, m, k, 0, 1, 1);
  const float *b = numbers(k * n, 0, 2, 1), *bias = numbers(n, 0, 3, 1);
  ck_word *packed = take_words(ck_packed_size(kernels, precision, k, n));
  float *c = numbers(m * n, 0, 4, 1), *d = numbers(m * n, 0, 5, 1);
  ck_pack(team, kernels, precision, k, n, b, n, 1, packed);
  ck_product(team, kernels, m, n, k, a, packed, bias, c);
  ck_pack(team, kernels, precision, k, n, b, 1, k, packed);
  ck_product(team, kernels, m, n, k, a, packed, NULL, d);
  result r = {0};
  add_part(&r, "with a bias", c, m * n + margin);
  add_part(&r, "of a transposed matrix", d, m * n + margin);
  return r;
}

/// Sizes m, n, k.
static result run_transposed(ck_team *team, const ck_kernels *kernels, const operation *o, int variant,
                             const ptrdiff_t *size) {
  (void)variant;
  const ck_precision precision = (ck_precision)o->precision;
  const ptrdiff_t m = size[0], n = size[1], k = size[2];
  const ck_operand a = operand(precision, k, m, 0, 1, 1), b = operand(precision, k, n, 0, 2, 1);
  float *c = numbers(m * n, 0, 3, 1);
  ck_transposed_product(team, kernels, m, n, k, a, b, take_words(ck_transposed_product_scratch(team)), c);
  result r = {0};
  add_part(&r, "product", c, m * n + margin);
  return r;
}

/// Sizes rows, columns.
static result run_sums_of_products(ck_team *team, const ck_kernels *kernels, const operation *o, int variant,
                                   const ptrdiff_t *size) {
  (void)variant;
  const ck_precision precision = (ck_precision)o->precision;
  const ck_operand x = operand(precision, size[0], size[1], 0, 1, 1), y = operand(precision, size[0], size[1], 0, 2, 1);
  float *sums = numbers(size[1], 0, 3, 1);
  ck_column_sums_of_products(team, kernels, size[0], size[1], x, y, sums);
  result r = {0};
  add_part(&r, "sums", sums, size[1] + margin);
  return r;
}

/// Rounded to the nearest, ties to even.
static ck_half half_of(ck_word bits) { return (ck_half)((bits + 0x7fff + (bits >> 16 & 1)) >> 16); }

/// Sizes k, h; a variant has so many gates less one. Each member of a team packs the same, and where each number must lie
/// is said here: so nothing is left to compare.
static result run_pack_gates(ck_team *team, const ck_kernels *kernels, const operation *o, int variant,
                             const ptrdiff_t *size) {
  const ck_precision precision = (ck_precision)o->precision;
  const ptrdiff_t k = size[0], h = size[1], words = ck_words(precision, k), width = CK_PANEL_VECTORS * kernels->lanes;
  // Whole panels have room for a vector of each gate, or for two.
  const int gates = variant + 1, vectors = gates % CK_PANEL_VECTORS ? CK_PANEL_VECTORS : 1;
  const ptrdiff_t units = vectors * kernels->lanes, columns = (h + units - 1) / units * gates * units;
  const float *b = numbers(k * gates * h, 0, 1, 1);
  const ptrdiff_t count = columns * words;
  ck_word *packed = operand_words(precision, count, 0, 2), *expected = operand_words(precision, count, 0, 2);
  const ptrdiff_t found_size = ck_packed_gates_size(kernels, precision, k, h, gates);
  agree_exactly("size", &found_size, &count, 1, sizeof count);
  ck_pack_gates(team, kernels, precision, k, h, gates, b, packed);
  for (ptrdiff_t at = 0; at < columns; at++) {
    const ptrdiff_t unit = at / (gates * units) * units + at % units, gate = at / units % gates;
    for (ptrdiff_t word = 0; word < words; word++) {
      ck_word *to = expected + (at / width * words + word) * width + at % width;
      const ptrdiff_t per_word = precision == CK_BFLOAT16 ? 2 : 1;
      ck_word bits[2] = {0};
      for (ptrdiff_t i = 0; i < per_word && unit < h && word * per_word + i < k; i++)
        memcpy(&bits[i], &b[((word * per_word + i) * gates + gate) * h + unit], sizeof *bits);
      *to = bits[0];
      if (precision == CK_BFLOAT16) *to = (ck_word)half_of(bits[0]) | (ck_word)half_of(bits[1]) << 16;
    }
  }
  agree_exactly("words", packed, expected, count + margin, sizeof(ck_word));
  return (result){0};
}

static ck_stream_weights stream_weights(ck_team *team, const ck_kernels *kernels, ck_stream_precision precision,
                                        ptrdiff_t k, ptrdiff_t columns, int gates, uint64_t seed) {
  const ptrdiff_t all = ck_stream_packed_columns(kernels, columns, gates);
  ck_stream_weights to = {.k = k,
                          .packed = take_words(ck_stream_packed_size(kernels, precision, k, columns, gates)),
                          .scales = take_floats(all),
                          .sums = take(all * (ptrdiff_t)sizeof(int32_t))};
  ck_stream_pack(team, kernels, precision, columns, gates, numbers(k * columns * (gates ? gates : 1), 0, seed, 0.2f), &to);
  return to;
}

static ck_stream_input stream_input(ck_stream_precision precision, ptrdiff_t N, ptrdiff_t k) {
  const ptrdiff_t stride = ck_stream_stride(precision, k);
  return (ck_stream_input){take(N * stride), stride};
}

/// Sizes N, H, V; variant 1 has normalized products: some steps of two layers from random states; in the second step only half of the streams advance, and in
/// the third step no logits are computed.
static result run_streams(ck_team *team, const ck_kernels *kernels, const operation *o, int variant,
                          const ptrdiff_t *size) {
  enum { layer_count = 2, steps = 3 };
  const ck_stream_precision precision = (ck_stream_precision)o->precision;
  const ck_cell kind = (ck_cell)o->kind;
  const int inputs = ck_facts(kind).inputs, is_mlstm = kind == CK_MLSTM, is_apart = is_mlstm || variant;
  const ptrdiff_t N = size[0], H = size[1], V = size[2];
  ck_stream_layer layers[layer_count];
  ck_stream_state states[layer_count];
  for (int i = 0; i < layer_count; i++) {
    const ptrdiff_t below = i == 0 || is_apart ? 0 : H, k = below + H;
    const uint64_t seed = (uint64_t)i * 10;
    // What a layer below gives to a GRU's n is a gate more.
    const int gates = ck_facts(kind).gates + (kind == CK_GRU && below > 0);
    layers[i] = (ck_stream_layer){.kind = kind, .gates = gates, .below = below,
                                  .weights = stream_weights(team, kernels, precision, k, H, gates, seed + 1),
                                  .table = i == 0 ? numbers(V * inputs * H, 0, 2, 2) : take_floats(inputs * H),
                                  .bias = numbers(inputs * H, 0, seed + 3, 1)};
    states[i] = (ck_stream_state){.inputs = {stream_input(precision, N, k), stream_input(precision, N, k)},
                                  .hidden = numbers(N * H, 0, seed + 4, 1)};
    if (is_apart && i > 0) {
      layers[i].input = stream_weights(team, kernels, precision, H, inputs * H, 0, seed + 7);
      states[i].below = stream_input(precision, N, H);
      states[i].rows = take_floats(N * inputs * H);
    }
    layers[i].is_apart = is_apart;
    if (is_mlstm) {
      layers[i].second = stream_weights(team, kernels, precision, H, H, 1, seed + 8);
      states[i].intermediate = take_floats(N * H);
      states[i].middle = stream_input(precision, N, H);
      states[i].scales = take_floats(N);
    }
    if (variant) {
      layers[i].gain = numbers(gates * H, 0, seed + 9, 1);
      layers[i].epsilon = 1e-3f;
      states[i].raw = take_floats(N * ck_stream_packed_columns(kernels, H, gates));
    }
    if (kind == CK_LSTM || is_mlstm) states[i].cell = numbers(N * H, 0, seed + 5, 1);
    if (kind == CK_GRU) layers[i].recurrent_bias = numbers(3 * H, 0, seed + 6, 1);
  }
  const ck_stream_model model = {.precision = precision, .H = H, .V = V, .layer_count = layer_count, .layers = layers,
                                 .output = stream_weights(team, kernels, precision, H, V, 0, 30),
                                 .output_bias = numbers(V, 0, 31, 1)};
  ck_streams s = {.model = &model, .N = N, .states = states, .output_input = stream_input(precision, N, H),
                  .gates = take_floats(N * CK_MAX_SLOTS * H), .zeros = take(N * (ptrdiff_t)sizeof(int32_t)),
                  .logits = numbers(N * V, 0, 32, 1), .written = take(N)};
  for (ptrdiff_t row = 0; row < N; row++) ck_stream_row_changed(&s, row);
  int32_t *tokens = take(N * (ptrdiff_t)sizeof(int32_t));
  for (int step = 0; step < steps; step++) {
    for (ptrdiff_t i = 0; i < N; i++) tokens[i] = (int32_t)((3 * i + step) % V);
    ck_stream_step(team, kernels, &s, step == 1 ? (N + 1) / 2 : N, tokens, step != 2);
  }
  result r = {0};
  add_part(&r, "logits", s.logits, N * V + margin);
  for (int i = 0; i < layer_count; i++) {
    add_part(&r, "states", states[i].hidden, N * H + margin);
    if (states[i].cell) add_part(&r, "cells", states[i].cell, N * H + margin);
  }
  return r;
}

// One number; half-filled tiles and panels; more than one block of the summed dimension (256 words), of row tiles
// (16, or 40 when transposed) and of panels (8).
static const ptrdiff_t product_sizes[most_cases][3] = {{1, 1, 1}, {5, 3, 7}, {13, 37, 29}, {45, 77, 301}, {31, 53, 531},
                                                       {245, 277, 67}};
static const ptrdiff_t transposed_sizes[most_cases][3] = {{1, 1, 1}, {5, 3, 7}, {13, 37, 29}, {45, 77, 301}, {31, 53, 531},
                                                          {571, 37, 67}};
// Few sequences and many, for threads share out units or sequences; an LSTM's weights of the last fit no cache of one's
// own.
static const ptrdiff_t recurrent_sizes[most_cases][3] = {{1, 1, 1}, {3, 5, 2}, {7, 37, 3}, {13, 67, 4}, {31, 67, 3},
                                                         {9, 261, 2}};
// One stream, a tile of them, and more.
static const ptrdiff_t stream_sizes[most_cases][3] = {{1, 1, 1}, {2, 5, 3}, {1, 201, 67}, {3, 61, 53}, {17, 61, 131}};
static const ptrdiff_t pack_sizes[most_cases][3] = {{1, 1}, {5, 3}, {8, 32}, {37, 29}, {301, 77}};
// The last is shared out.
static const ptrdiff_t row_sizes[most_cases][3] = {{1, 1, 1}, {3, 5, 2}, {7, 37, 7}, {13, 201, 4}, {601, 37, 4}};

// A state that rounds to the other neighbour in bfloat16, or in 8 bits, changes all that is computed from it.
#define RECURRENT(kind, variants)                                                                                       \
  {"ck_recurrent_forward and ck_recurrent_backward, " #kind ", float32", run_recurrent, CK_FLOAT32, kind, variants,     \
   recurrent_sizes, 1e-5f},                                                                                             \
  {"ck_recurrent_forward and ck_recurrent_backward, " #kind ", bfloat16", run_recurrent, CK_BFLOAT16, kind, variants,   \
   recurrent_sizes, 8e-3f}
#define STREAMS(kind)                                                                                                   \
  {"ck_stream_step, " #kind ", float32", run_streams, CK_STREAM_FLOAT32, kind, 2, stream_sizes, 1e-5f},                 \
  {"ck_stream_step, " #kind ", bfloat16", run_streams, CK_STREAM_BFLOAT16, kind, 2, stream_sizes, 5e-3f},               \
  {"ck_stream_step, " #kind ", int8", run_streams, CK_STREAM_INT8, kind, 2, stream_sizes, 5e-3f}

// The portable losses have the same bits for all tables.
#define LOSSES(kind, tolerance, bfloat16_tolerance)                                                                     \
  {"ck_compute_losses, " #kind ", float32", run_losses, CK_FLOAT32, kind, loss_variants, row_sizes, tolerance},         \
  {"ck_compute_losses, " #kind ", bfloat16", run_losses, CK_BFLOAT16, kind, loss_variants, row_sizes,                   \
   bfloat16_tolerance}

static const operation operations[] = {
    {"ck_product, float32", run_product, CK_FLOAT32, 0, 1, product_sizes, 1e-4f},
    {"ck_product, bfloat16", run_product, CK_BFLOAT16, 0, 1, product_sizes, 1e-4f},
    {"ck_transposed_product, float32", run_transposed, CK_FLOAT32, 0, 1, transposed_sizes, 1e-4f},
    {"ck_transposed_product, bfloat16", run_transposed, CK_BFLOAT16, 0, 1, transposed_sizes, 1e-4f},
    {"ck_pack_gates, float32", run_pack_gates, CK_FLOAT32, 0, CK_MAX_GATES, pack_sizes, 0},
    {"ck_pack_gates, bfloat16", run_pack_gates, CK_BFLOAT16, 0, CK_MAX_GATES, pack_sizes, 0},
    RECURRENT(CK_LSTM, 16),
    RECURRENT(CK_GRU, 24),
    RECURRENT(CK_GRU_RESET_BEFORE, 8),
    RECURRENT(CK_SIMPLE_RNN, 16),
    RECURRENT(CK_MLSTM, 16),
    {"ck_column_sums_of_products, float32", run_sums_of_products, CK_FLOAT32, 0, 1, row_sizes, 1e-5f},
    {"ck_column_sums_of_products, bfloat16", run_sums_of_products, CK_BFLOAT16, 0, 1, row_sizes, 1e-5f},
    {"ck_activate", run_activate, CK_FLOAT32, 0, CK_RELU + 1, row_sizes, 1e-6f},
    {"ck_differentiate", run_differentiate, CK_FLOAT32, 0, CK_RELU + 1, row_sizes, 1e-6f},
    {"ck_differentiate_softmax", run_differentiate_softmax, CK_FLOAT32, 0, 1, row_sizes, 2e-6f},
    LOSSES(CK_SOFTMAX_CROSS_ENTROPY, 2e-6f, 8e-3f),
    LOSSES(CK_SIGMOID_CROSS_ENTROPY, 0, 0),
    LOSSES(CK_SQUARED_ERROR, 0, 0),
    {"ck_softmax", run_softmax, CK_FLOAT32, 0, 1, row_sizes, 1e-6f},
    {"ck_dropout, float32", run_dropout, CK_FLOAT32, 0, 2, row_sizes, 0},
    {"ck_dropout, bfloat16", run_dropout, CK_BFLOAT16, 0, 2, row_sizes, 0},
    STREAMS(CK_LSTM),
    STREAMS(CK_GRU),
    STREAMS(CK_SIMPLE_RNN),
    STREAMS(CK_MLSTM),
};

static void compare(const ck_kernels *table, const operation *o, int variant, const ptrdiff_t *size,
                    ck_team *const *teams) {
  forget_all();
  subject("scalar: %s, variant %d, sizes %td, %td, %td, ", o->name, variant, size[0], size[1], size[2]);
  const result expected = o->run(teams[0], ck_kernels_for(CK_ISA_SCALAR), o, variant, size);
  subject("%s: %s, variant %d, sizes %td, %td, %td, ", table->name, o->name, variant, size[0], size[1], size[2]);
  const result alone = o->run(teams[0], table, o, variant, size);
  for (int i = 0; i < expected.count; i++)
    agree(expected.parts[i].name, alone.parts[i].numbers, expected.parts[i].numbers, expected.parts[i].count, o->tolerance,
          o->tolerance);
  for (int team = 1; team < team_count; team++) {
    subject("%s: %s, variant %d, sizes %td, %td, %td, %d threads after one, ", table->name, o->name, variant, size[0],
            size[1], size[2], team + 1);
    const result together = o->run(teams[team], table, o, variant, size);
    for (int i = 0; i < alone.count; i++)
      agree_exactly(alone.parts[i].name, together.parts[i].numbers, alone.parts[i].numbers, alone.parts[i].count,
                    sizeof(float));
  }
}

int compare_operations(const ck_kernels *table) {
  enum { count = sizeof operations / sizeof *operations };
  ck_team *teams[team_count];
  for (int i = 0; i < team_count; i++) teams[i] = ck_team_create(i + 1);
  for (const operation *o = operations; o < operations + count; o++)
    for (int j = 0; j < most_cases && o->sizes[j][0]; j++)
      // Under an emulator the largest take long.
      for (int variant = 0; variant < o->variants; variant += j < 5 ? 1 : 3) compare(table, o, variant, o->sizes[j], teams);
  for (int i = 0; i < team_count; i++) ck_team_destroy(teams[i]);
  return count;
}
