// One step of sampling: the product and the tail of each layer, then the output layer. The weights are read once for all
// streams; with one stream, the speed is limited by reading the weights.
#include "include/chargen_streams.h"

#include <math.h>
#include <string.h>

#include "work.h"

static ptrdiff_t numbers_per_word(ck_stream_precision precision) {
  return precision == CK_STREAM_INT8 ? 4 : precision == CK_STREAM_BFLOAT16 ? 2 : 1;
}

static ptrdiff_t words_of(ck_stream_precision precision, ptrdiff_t k) {
  return ck_ceiling(k, numbers_per_word(precision));
}

ptrdiff_t ck_stream_stride(ck_stream_precision precision, ptrdiff_t k) {
  // The stride is an odd number of cache lines, so that rows do not share cache sets.
  return (ck_ceiling(words_of(precision, k) * (ptrdiff_t)sizeof(ck_word), 64) | 1) * 64;
}

ptrdiff_t ck_stream_packed_columns(const ck_kernels *kernels, ptrdiff_t columns, int gates) {
  const ptrdiff_t units = ck_gate_vectors(gates) * kernels->lanes;
  if (gates) return ck_ceiling(columns, units) * gates * units;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes;
  return ck_ceiling(columns, width) * width;
}

ptrdiff_t ck_stream_packed_size(const ck_kernels *kernels, ck_stream_precision precision, ptrdiff_t k,
                                ptrdiff_t columns, int gates) {
  return ck_stream_packed_columns(kernels, columns, gates) * words_of(precision, k);
}

/// The column of b that is packed into column `at`, or -1 for padding.
static ptrdiff_t source_column(const ck_kernels *kernels, ptrdiff_t columns, int gates, ptrdiff_t at) {
  if (!gates) return at < columns ? at : -1;
  const ptrdiff_t units = ck_gate_vectors(gates) * kernels->lanes, block = at / (gates * units);
  const ptrdiff_t gate = at / units % gates, unit = block * units + at % units;
  return unit < columns ? gate * columns + unit : -1;
}

static void pack_int8(const ck_kernels *kernels, ptrdiff_t columns, int gates, const float *b,
                      ck_stream_weights *weights) {
  const ptrdiff_t all = ck_stream_packed_columns(kernels, columns, gates), row = gates ? gates * columns : columns;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, words = words_of(CK_STREAM_INT8, weights->k);
  memset(weights->packed, 0, (size_t)(all * words) * sizeof(ck_word));
  for (ptrdiff_t at = 0; at < all; at++) {
    const ptrdiff_t column = source_column(kernels, columns, gates, at);
    weights->scales[at] = 0;
    weights->sums[at] = 0;
    if (column < 0) continue;
    float largest = 0;
    for (ptrdiff_t i = 0; i < weights->k; i++) largest = fmaxf(largest, fabsf(b[i * row + column]));
    const float inverse = largest > 0 ? 127 / largest : 0;
    weights->scales[at] = largest / 127 / 32767;
    int8_t *to = (int8_t *)(weights->packed + (at / width * words * width + at % width));
    for (ptrdiff_t i = 0; i < weights->k; i++) {
      const int8_t q = (int8_t)lrintf(b[i * row + column] * inverse);
      to[i / 4 * width * (ptrdiff_t)sizeof(ck_word) + i % 4] = q;
      weights->sums[at] += q;
    }
  }
}

void ck_stream_pack(ck_team *team, const ck_kernels *kernels, ck_stream_precision precision, ptrdiff_t columns,
                    int gates, const float *b, ck_stream_weights *weights) {
  if (precision == CK_STREAM_INT8)
    pack_int8(kernels, columns, gates, b, weights);
  else if (gates)
    ck_pack_gates(team, kernels, (ck_precision)precision, weights->k, columns, gates, b, weights->packed);
  else
    ck_pack(team, kernels, (ck_precision)precision, weights->k, columns, b, columns, 1, weights->packed);
}

/// Writes `count` numbers to row `row` of an input, from its number `number` on.
static void write_input(const ck_kernels *kernels, const ck_streams *s, ck_stream_input input, ptrdiff_t row,
                        ptrdiff_t number, ptrdiff_t count, const float *from) {
  uint8_t *to = input.rows + row * input.stride;
  switch (s->precision) {
    case CK_STREAM_FLOAT32: memcpy(to + number * (ptrdiff_t)sizeof(float), from, (size_t)count * sizeof(float)); break;
    case CK_STREAM_BFLOAT16: kernels->to_bfloat16(count, from, (ck_half *)to + number); break;
    case CK_STREAM_INT8: kernels->to_bytes(count, from, to + number, to + s->N * input.stride + number); break;
  }
}

/// product [m, columns] of rows [row, row + m) of an input with `panels` panels from `panel` on.
static void multiply(const ck_kernels *kernels, const ck_streams *s, ck_stream_input input,
                     const ck_stream_weights *weights, ptrdiff_t row, int m, ptrdiff_t panel, ptrdiff_t panels,
                     float *product) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, words = words_of(s->precision, weights->k);
  const ptrdiff_t stride = input.stride / (ptrdiff_t)sizeof(ck_word);
  const ck_word *left = (const ck_word *)(input.rows + row * input.stride);
  for (ptrdiff_t p = 0; p < panels; p++) {
    const ck_word *right = weights->packed + (panel + p) * words * width;
    if (s->precision != CK_STREAM_INT8) {
      kernels->tile[s->precision](m, words, left, stride, 1, right, NULL, product + p * width, panels * width, 0);
      continue;
    }
    // Each row has a row of upper bytes and a row of lower bytes, which is N rows further on.
    int32_t sums[CK_MAX_TILE_ROWS * CK_MAX_PANEL];
    if (m == 1) {
      kernels->tile_int8(2, words, left, s->N * stride, right, sums, width);
    } else {
      kernels->tile_int8(m, words, left, stride, right, sums, width);
      kernels->tile_int8(m, words, left + s->N * stride, stride, right, sums + m * width, width);
    }
    for (int r = 0; r < m; r++)
      kernels->join_bytes(width, sums + r * width, sums + (m + r) * width, weights->sums + (panel + p) * width,
                          weights->scales + (panel + p) * width, product + r * panels * width + p * width);
  }
}

/// Number of groups of streams. A group has at most as many streams as a tile has rows, and half as many for int8, where
/// each stream has two rows of bytes.
static ptrdiff_t groups_of(const ck_kernels *kernels, const ck_streams *s) {
  const ptrdiff_t most = s->precision == CK_STREAM_INT8 ? kernels->tile_rows / 2 : kernels->tile_rows;
  return ck_ceiling(s->N, most);
}

/// Computes a block of units of one layer, for one group of streams.
static void layer_item(const ck_kernels *kernels, ck_streams *s, ptrdiff_t index, const int32_t *tokens,
                       ptrdiff_t block, ck_span rows) {
  ck_stream_layer *layer = &s->layers[index];
  const int m = (int)(rows.last - rows.first), vectors = ck_gate_vectors(layer->gates);
  const ptrdiff_t units = vectors * kernels->lanes, H = s->H, unit = block * units;
  const ptrdiff_t panels = layer->gates * vectors / CK_PANEL_VECTORS;
  float product[CK_MAX_PRODUCT];
  multiply(kernels, s, layer->inputs[s->step], &layer->weights, rows.first, m, block * panels, panels, product);
  // With N = 0 the row block after the step is that of the step itself, so states are overwritten in place.
  const ck_recurrent pass = {.kind = layer->kind,
                             .activation = CK_TANH,
                             .gate_activation = CK_SIGMOID,
                             .N = 0,
                             .H = H,
                             .input = layer->table,
                             .tokens = index == 0 ? tokens : s->zeros,
                             .bias = layer->bias,
                             .recurrent_bias = layer->recurrent_bias,
                             .product_gates = layer->gates,
                             .gates = {CK_FLOAT32, s->gates, CK_MAX_GATES * H},
                             .hidden = {CK_FLOAT32, layer->hidden, H},
                             .cell = layer->cell};
  kernels->forward[layer->kind][CK_FLOAT32](&pass, 0, rows.first, m, block, product);
  const ptrdiff_t count = H - unit < units ? H - unit : units;
  for (ptrdiff_t row = rows.first; row < rows.last; row++) {
    const float *hidden = layer->hidden + row * H + unit;
    write_input(kernels, s, layer->inputs[1 - s->step], row, layer->below + unit, count, hidden);
    if (index + 1 < s->layer_count)
      write_input(kernels, s, s->layers[index + 1].inputs[s->step], row, unit, count, hidden);
    else
      write_input(kernels, s, s->output_input, row, unit, count, hidden);
  }
}

/// Computes a panel of logits for one group of streams.
static void output_item(const ck_kernels *kernels, const ck_streams *s, ptrdiff_t panel, ck_span rows) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, column = panel * width;
  const ptrdiff_t count = s->V - column < width ? s->V - column : width;
  float product[CK_MAX_PRODUCT];
  multiply(kernels, s, s->output_input, &s->output, rows.first, (int)(rows.last - rows.first), panel, 1, product);
  for (ptrdiff_t row = rows.first; row < rows.last; row++)
    for (ptrdiff_t j = 0; j < count; j++)
      s->logits[row * s->V + column + j] = product[(row - rows.first) * width + j] + s->output_bias[column + j];
}

typedef struct stream_job {
  const ck_kernels *kernels;
  ck_streams *streams;
  const int32_t *tokens;
} stream_job;

static ptrdiff_t layer_items(const stream_job *j, ptrdiff_t layer) {
  const ptrdiff_t units = ck_gate_vectors(j->streams->layers[layer].gates) * j->kernels->lanes;
  return ck_ceiling(j->streams->H, units) * groups_of(j->kernels, j->streams);
}

static ptrdiff_t output_items(const stream_job *j) {
  return ck_ceiling(j->streams->V, CK_PANEL_VECTORS * j->kernels->lanes) * groups_of(j->kernels, j->streams);
}

static void step_layers(void *context, ck_turns *turns) {
  const stream_job *j = context;
  ck_streams *s = j->streams;
  const ptrdiff_t groups = groups_of(j->kernels, s);
  for (ptrdiff_t layer = 0; layer < s->layer_count; layer++) {
    for (ptrdiff_t item; (item = ck_next(turns)) >= 0;)
      layer_item(j->kernels, s, layer, j->tokens, item / groups, ck_part(s->N, item % groups, groups));
    ck_meet(turns, layer + 1 < s->layer_count ? layer_items(j, layer + 1) : output_items(j));
  }
  for (ptrdiff_t item; (item = ck_next(turns)) >= 0;)
    output_item(j->kernels, s, item / groups, ck_part(s->N, item % groups, groups));
}

void ck_stream_step(ck_team *team, const ck_kernels *kernels, ck_streams *s, const int32_t *tokens) {
  // Number of words of weights above which reading them takes longer than synchronizing the threads.
  enum { worth_meeting = 100000 };
  ptrdiff_t words = s->V * words_of(s->precision, s->H);
  for (ptrdiff_t i = 0; i < s->layer_count; i++)
    words += s->layers[i].gates * s->H * words_of(s->precision, s->layers[i].weights.k);
  stream_job j = {kernels, s, tokens};
  ck_team_run(team, words * s->N > worth_meeting, layer_items(&j, 0), step_layers, &j);
  s->step = 1 - s->step;
}

void ck_stream_states_changed(const ck_kernels *kernels, ck_streams *s) {
  for (ptrdiff_t i = 0; i < s->layer_count; i++)
    for (ptrdiff_t row = 0; row < s->N; row++)
      write_input(kernels, s, s->layers[i].inputs[s->step], row, s->layers[i].below, s->H,
                  s->layers[i].hidden + row * s->H);
}
