// Whole operations against the scalar table's, on sizes that are multiples of nothing, so that the drivers' own edges are
// met: packing, half-filled panels, blocks of the summed dimension. Teams of 1, 2 and 3 threads must give the same bits.
#include "chargen_streams.h"
#include "twins.h"

enum { most_parts = 6, team_count = 3, most_cases = 7 };

/// What an operation has computed, unpacked.
typedef struct result {
  int count;
  struct part {
    const char *name;
    const float *numbers;
    ptrdiff_t count;
  } parts[most_parts];
} result;

static void add_part(result *r, const char *name, const float *values, ptrdiff_t count) {
  r->parts[r->count++] = (struct part){name, values, count};
}

static void add_operand(result *r, const char *name, ck_operand x, ptrdiff_t rows) {
  float *values;
  const ptrdiff_t count = widened(x, rows, &values);
  add_part(r, name, values, count);
}

static ck_word *take_words(ptrdiff_t count) { return take(count * (ptrdiff_t)sizeof(ck_word)); }
static float *take_floats(ptrdiff_t count) { return take(count * (ptrdiff_t)sizeof(float)); }

/// Sizes m, n, k. The right side is packed from rows and from columns, and with a bias and without.
static result run_product(ck_team *team, const ck_kernels *kernels, int precision, const ptrdiff_t *size) {
  const ptrdiff_t m = size[0], n = size[1], k = size[2];
  const ck_operand a = operand((ck_precision)precision, m, k, 0, 1, 1);
  const float *b = numbers(k * n, 0, 2, 1), *bias = numbers(n, 0, 3, 1);
  ck_word *packed = take_words(ck_packed_size(kernels, a.precision, k, n));
  float *c = numbers(m * n, 0, 4, 1), *d = numbers(m * n, 0, 5, 1);
  ck_pack(team, kernels, a.precision, k, n, b, n, 1, packed);
  ck_product(team, kernels, m, n, k, a, packed, bias, c);
  ck_pack(team, kernels, a.precision, k, n, b, 1, k, packed);
  ck_product(team, kernels, m, n, k, a, packed, NULL, d);
  result r = {0};
  add_part(&r, "with a bias", c, m * n + margin);
  add_part(&r, "of a transposed matrix", d, m * n + margin);
  return r;
}

/// Sizes m, n, k.
static result run_transposed(ck_team *team, const ck_kernels *kernels, int precision, const ptrdiff_t *size) {
  const ptrdiff_t m = size[0], n = size[1], k = size[2];
  const ck_operand a = operand((ck_precision)precision, k, m, 0, 1, 1), b = operand((ck_precision)precision, k, n, 0, 2, 1);
  float *c = numbers(m * n, 0, 3, 1);
  ck_transposed_product(team, kernels, m, n, k, a, b, take_words(ck_transposed_product_scratch(team)), c);
  result r = {0};
  add_part(&r, "product", c, m * n + margin);
  return r;
}

/// Sizes N, H, T. Forward, then backward over what that has written.
static result run_lstm(ck_team *team, const ck_kernels *kernels, int precision, const ptrdiff_t *size) {
  enum { V = 7 };
  const ptrdiff_t N = size[0], H = size[1], T = size[2];
  const ck_precision kind = (ck_precision)precision;
  const float *recurrent = numbers(H * 4 * H, 0, 1, 0.2f);
  int32_t *tokens = take(T * N * (ptrdiff_t)sizeof(int32_t));
  for (ptrdiff_t i = 0; i < T * N; i++) tokens[i] = (int32_t)(i * 5 % V);
  ck_lstm s = {.N = N, .H = H, .last = T, .input = numbers((T * N + V) * 4 * H, 0, 2, 2), .bias = numbers(4 * H, 0, 3, 1),
               .tokens = T % 2 ? tokens : NULL, .gates = operand(kind, T * N, 4 * H, 0, 4, 1),
               .hidden = operand(kind, (T + 1) * N, H, 0, 5, 1), .cell = numbers((T + 1) * N * H, 0, 6, 1),
               .d_output = numbers(T * N * H, 0, 7, 1), .d_hidden = numbers(N * H, 0, 8, 1),
               .d_cell = numbers(N * H, 0, 9, 1)};
  ck_word *packed = take_words(ck_packed_gates_size(kernels, kind, H, H));
  ck_pack_gates(team, kernels, kind, H, H, recurrent, packed);
  s.recurrent = packed;
  ck_lstm_forward(team, kernels, &s);
  result r = {0};
  add_operand(&r, "gates", s.gates, T * N);
  add_operand(&r, "states", s.hidden, (T + 1) * N);
  packed = take_words(ck_packed_size(kernels, kind, 4 * H, H));
  ck_pack(team, kernels, kind, 4 * H, H, recurrent, 1, 4 * H, packed);
  s.recurrent = packed;
  ck_lstm_backward(team, kernels, &s);
  add_operand(&r, "gates' gradients", s.gates, T * N);
  add_part(&r, "cells", s.cell, (T + 1) * N * H + margin);
  add_part(&r, "states' gradient", s.d_hidden, N * H + margin);
  add_part(&r, "cells' gradient", s.d_cell, N * H + margin);
  return r;
}

static ck_stream_weights stream_weights(ck_team *team, const ck_kernels *kernels, ck_stream_precision precision,
                                        ptrdiff_t k, ptrdiff_t columns, int gates, uint64_t seed) {
  const ptrdiff_t all = ck_stream_packed_columns(kernels, columns, gates);
  ck_stream_weights to = {.k = k,
                          .packed = take_words(ck_stream_packed_size(kernels, precision, k, columns, gates)),
                          .scales = take_floats(all),
                          .sums = take(all * (ptrdiff_t)sizeof(int32_t))};
  ck_stream_pack(team, kernels, precision, columns, gates, numbers(k * columns * (gates ? 4 : 1), 0, seed, 0.2f), &to);
  return to;
}

static ck_stream_input stream_input(ck_stream_precision precision, ptrdiff_t N, ptrdiff_t k) {
  const ptrdiff_t stride = ck_stream_stride(precision, k);
  return (ck_stream_input){take(2 * N * stride), stride};
}

/// Sizes N, H, V: some steps of two layers from random states.
static result run_streams(ck_team *team, const ck_kernels *kernels, int precision, const ptrdiff_t *size) {
  enum { layer_count = 2, steps = 3 };
  const ck_stream_precision kind = (ck_stream_precision)precision;
  const ptrdiff_t N = size[0], H = size[1], V = size[2];
  ck_stream_layer layers[layer_count];
  for (int i = 0; i < layer_count; i++) {
    const ptrdiff_t below = i == 0 ? 0 : H, k = below + H;
    const uint64_t seed = (uint64_t)i * 10;
    layers[i] = (ck_stream_layer){.weights = stream_weights(team, kernels, kind, k, H, 1, seed + 1), .below = below,
                                  .inputs = {stream_input(kind, N, k), stream_input(kind, N, k)},
                                  .table = i == 0 ? numbers(V * 4 * H, 0, 2, 2) : take_floats(4 * H),
                                  .bias = numbers(4 * H, 0, seed + 3, 1), .hidden = numbers(N * H, 0, seed + 4, 1),
                                  .cell = numbers(N * H, 0, seed + 5, 1)};
  }
  ck_streams s = {.precision = kind, .N = N, .H = H, .V = V, .layer_count = layer_count, .layers = layers,
                  .output = stream_weights(team, kernels, kind, H, V, 0, 30), .output_input = stream_input(kind, N, H),
                  .output_bias = numbers(V, 0, 31, 1), .gates = take_floats(N * 4 * H),
                  .zeros = take(N * (ptrdiff_t)sizeof(int32_t)), .logits = numbers(N * V, 0, 32, 1)};
  ck_stream_states_changed(kernels, &s);
  int32_t *tokens = take(N * (ptrdiff_t)sizeof(int32_t));
  for (int step = 0; step < steps; step++) {
    for (ptrdiff_t i = 0; i < N; i++) tokens[i] = (int32_t)((3 * i + step) % V);
    ck_stream_step(team, kernels, &s, tokens);
  }
  result r = {0};
  add_part(&r, "logits", s.logits, N * V + margin);
  for (int i = 0; i < layer_count; i++) {
    add_part(&r, "states", layers[i].hidden, N * H + margin);
    add_part(&r, "cells", layers[i].cell, N * H + margin);
  }
  return r;
}

// One number; half-filled tiles and panels; more than one block of the summed dimension (256 words), of row tiles
// (16, or 40 when transposed) and of panels (8).
static const ptrdiff_t product_sizes[most_cases][3] = {{1, 1, 1}, {5, 3, 7}, {13, 37, 29}, {45, 77, 301}, {31, 53, 531},
                                                       {245, 277, 67}};
static const ptrdiff_t transposed_sizes[most_cases][3] = {{1, 1, 1}, {5, 3, 7}, {13, 37, 29}, {45, 77, 301}, {31, 53, 531},
                                                          {571, 37, 67}};
// Few sequences and many, for threads share out units or sequences; the last one's weights fit no cache of one's own.
static const ptrdiff_t lstm_sizes[most_cases][3] = {{1, 1, 1}, {3, 5, 2}, {7, 37, 3}, {13, 67, 4}, {31, 67, 3},
                                                    {9, 261, 2}};
// One stream, a tile of them, and more.
static const ptrdiff_t stream_sizes[most_cases][3] = {{1, 1, 1}, {2, 5, 3}, {1, 201, 67}, {3, 61, 53}, {17, 61, 131}};

static const struct operation {
  const char *name;
  result (*run)(ck_team *team, const ck_kernels *kernels, int precision, const ptrdiff_t *size);
  int precision;
  const ptrdiff_t (*sizes)[3];
  float tolerance;
} operations[] = {
    // A state that rounds to the other neighbour in bfloat16, or in 8 bits, changes all that is computed from it.
    {"ck_product, float32", run_product, CK_FLOAT32, product_sizes, 1e-4f},
    {"ck_product, bfloat16", run_product, CK_BFLOAT16, product_sizes, 1e-4f},
    {"ck_transposed_product, float32", run_transposed, CK_FLOAT32, transposed_sizes, 1e-4f},
    {"ck_transposed_product, bfloat16", run_transposed, CK_BFLOAT16, transposed_sizes, 1e-4f},
    {"ck_lstm_forward and ck_lstm_backward, float32", run_lstm, CK_FLOAT32, lstm_sizes, 1e-5f},
    {"ck_lstm_forward and ck_lstm_backward, bfloat16", run_lstm, CK_BFLOAT16, lstm_sizes, 8e-3f},
    {"ck_stream_step, float32", run_streams, CK_STREAM_FLOAT32, stream_sizes, 1e-5f},
    {"ck_stream_step, bfloat16", run_streams, CK_STREAM_BFLOAT16, stream_sizes, 5e-3f},
    {"ck_stream_step, int8", run_streams, CK_STREAM_INT8, stream_sizes, 1e-4f},
};

static void compare(const ck_kernels *table, const struct operation *o, const ptrdiff_t *size, ck_team *const *teams) {
  forget_all();
  const result expected = o->run(teams[0], ck_kernels_for(CK_ISA_SCALAR), o->precision, size);
  const result alone = o->run(teams[0], table, o->precision, size);
  subject("%s: %s, sizes %td, %td, %td, ", table->name, o->name, size[0], size[1], size[2]);
  for (int i = 0; i < expected.count; i++)
    agree(expected.parts[i].name, alone.parts[i].numbers, expected.parts[i].numbers, expected.parts[i].count, o->tolerance,
          o->tolerance);
  for (int team = 1; team < team_count; team++) {
    const result together = o->run(teams[team], table, o->precision, size);
    subject("%s: %s, sizes %td, %td, %td, %d threads after one, ", table->name, o->name, size[0], size[1], size[2],
            team + 1);
    for (int i = 0; i < alone.count; i++)
      agree_exactly(alone.parts[i].name, together.parts[i].numbers, alone.parts[i].numbers, alone.parts[i].count,
                    sizeof(float));
  }
}

int compare_operations(const ck_kernels *table) {
  enum { count = sizeof operations / sizeof *operations };
  ck_team *teams[team_count];
  for (int i = 0; i < team_count; i++) teams[i] = ck_team_create(i + 1);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < most_cases && operations[i].sizes[j][0]; j++)
      compare(table, &operations[i], operations[i].sizes[j], teams);
  for (int i = 0; i < team_count; i++) ck_team_destroy(teams[i]);
  return count;
}
