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
    weights->scales[at] = largest / 127 / 127;
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
  switch (s->model->precision) {
    case CK_STREAM_FLOAT32: memcpy(to + number * (ptrdiff_t)sizeof(float), from, (size_t)count * sizeof(float)); break;
    case CK_STREAM_BFLOAT16: kernels->to_bfloat16(count, from, (ck_half *)to + number); break;
    case CK_STREAM_INT8: kernels->to_bytes(count, from, to + number); break;
  }
}

/// product [m, columns] of rows [row, row + m) of an input with `panels` panels from `panel` on.
static void multiply(const ck_kernels *kernels, const ck_streams *s, ck_stream_input input,
                     const ck_stream_weights *weights, ptrdiff_t row, int m, ptrdiff_t panel, ptrdiff_t panels,
                     float *product) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, words = words_of(s->model->precision, weights->k);
  const ptrdiff_t stride = input.stride / (ptrdiff_t)sizeof(ck_word);
  const ck_word *left = (const ck_word *)(input.rows + row * input.stride);
  for (ptrdiff_t p = 0; p < panels; p++) {
    const ck_word *right = weights->packed + (panel + p) * words * width;
    if (s->model->precision != CK_STREAM_INT8) {
      kernels->tile[s->model->precision](m, words, left, stride, 1, right, NULL, product + p * width, panels * width, 0);
      continue;
    }
    _Alignas(64) int32_t sums[CK_MAX_TILE_ROWS * CK_MAX_PANEL];
    kernels->tile_int8(m, words, left, stride, right, sums, width);
    for (int r = 0; r < m; r++)
      kernels->scale_products(width, sums + r * width, weights->sums + (panel + p) * width,
                              weights->scales + (panel + p) * width, product + r * panels * width + p * width);
  }
}

typedef struct stream_job {
  const ck_kernels *kernels;
  ck_streams *streams;
  /// The rows that advance, in groups of at most one tile.
  ptrdiff_t count, groups;
  const int32_t *tokens;
  int with_logits;
} stream_job;

/// Computes a block of units of one layer, for one group of streams.
static void layer_item(const stream_job *j, ptrdiff_t index, ptrdiff_t block, ck_span rows) {
  const ck_kernels *kernels = j->kernels;
  ck_streams *s = j->streams;
  const ck_stream_layer *layer = &s->model->layers[index];
  const ck_stream_state *state = &s->states[index];
  const int m = (int)(rows.last - rows.first), vectors = ck_gate_vectors(layer->gates);
  const ptrdiff_t units = vectors * kernels->lanes, H = s->model->H, unit = block * units;
  const ptrdiff_t panels = layer->gates * vectors / CK_PANEL_VECTORS;
  _Alignas(64) float product[CK_MAX_PRODUCT];
  multiply(kernels, s, state->inputs[s->step], &layer->weights, rows.first, m, block * panels, panels, product);
  // With N = 0 the row block after the step is that of the step itself, so states are overwritten in place.
  const ck_recurrent pass = {.kind = layer->kind,
                             .activation = CK_TANH,
                             .gate_activation = CK_SIGMOID,
                             .N = 0,
                             .H = H,
                             .input = layer->table,
                             .tokens = index == 0 ? j->tokens : s->zeros,
                             .bias = layer->bias,
                             .recurrent_bias = layer->recurrent_bias,
                             .product_gates = layer->gates,
                             .gates = {CK_FLOAT32, s->gates, CK_MAX_GATES * H},
                             .hidden = {CK_FLOAT32, state->hidden, H},
                             .cell = state->cell};
  kernels->forward[layer->kind][CK_FLOAT32](&pass, 0, rows.first, m, block, product);
  const ptrdiff_t count = H - unit < units ? H - unit : units;
  for (ptrdiff_t row = rows.first; row < rows.last; row++) {
    const float *hidden = state->hidden + row * H + unit;
    write_input(kernels, s, state->inputs[1 - s->step], row, layer->below + unit, count, hidden);
    if (index + 1 < s->model->layer_count)
      write_input(kernels, s, s->states[index + 1].inputs[s->step], row, unit, count, hidden);
    else if (j->with_logits)
      write_input(kernels, s, s->output_input, row, unit, count, hidden);
  }
}

/// Whether a hidden state of a row is NaN. The bytes that int8 makes of it are numbers, so that the logits would be too.
static int has_nan(const ck_streams *s, ptrdiff_t row) {
  int found = 0;
  for (ptrdiff_t layer = 0; layer < s->model->layer_count; layer++) {
    const float *hidden = s->states[layer].hidden + row * s->model->H;
    for (ptrdiff_t i = 0; i < s->model->H; i++) found |= hidden[i] != hidden[i];
  }
  return found;
}

/// Computes a panel of logits for one group of streams.
static void output_item(const stream_job *j, ptrdiff_t panel, ck_span rows) {
  const ck_streams *s = j->streams;
  const ptrdiff_t V = s->model->V, width = CK_PANEL_VECTORS * j->kernels->lanes, column = panel * width;
  const ptrdiff_t count = V - column < width ? V - column : width;
  _Alignas(64) float product[CK_MAX_PRODUCT];
  multiply(j->kernels, s, s->output_input, &s->model->output, rows.first, (int)(rows.last - rows.first), panel, 1,
           product);
  for (ptrdiff_t row = rows.first; row < rows.last; row++)
    for (ptrdiff_t i = 0; i < count; i++)
      s->logits[row * V + column + i] = product[(row - rows.first) * width + i] + s->model->output_bias[column + i];
  if (panel > 0 || s->model->precision != CK_STREAM_INT8) return;
  for (ptrdiff_t row = rows.first; row < rows.last; row++)
    if (has_nan(s, row)) s->logits[row * V] = NAN;
}

static ptrdiff_t layer_items(const stream_job *j, ptrdiff_t layer) {
  const ck_stream_model *model = j->streams->model;
  return ck_ceiling(model->H, ck_gate_vectors(model->layers[layer].gates) * j->kernels->lanes) * j->groups;
}

static ptrdiff_t output_items(const stream_job *j) {
  return j->with_logits ? ck_ceiling(j->streams->model->V, CK_PANEL_VECTORS * j->kernels->lanes) * j->groups : 0;
}

static void step_layers(void *context, ck_turns *turns) {
  const stream_job *j = context;
  const ptrdiff_t layers = j->streams->model->layer_count;
  for (ptrdiff_t layer = 0; layer < layers; layer++) {
    for (ptrdiff_t item; (item = ck_next(turns)) >= 0;)
      layer_item(j, layer, item / j->groups, ck_part(j->count, item % j->groups, j->groups));
    if (layer + 1 == layers && !j->with_logits) return;
    ck_meet(turns, layer + 1 < layers ? layer_items(j, layer + 1) : output_items(j));
  }
  for (ptrdiff_t item; (item = ck_next(turns)) >= 0;)
    output_item(j, item / j->groups, ck_part(j->count, item % j->groups, j->groups));
}

/// Writes the states of the rows that are not in the buffer that this step reads: rows that were changed from outside, or
/// that did not advance in the last step.
static void write_stale_rows(const ck_kernels *kernels, ck_streams *s, ptrdiff_t count) {
  const ptrdiff_t H = s->model->H;
  for (ptrdiff_t row = 0; row < count; row++) {
    if (s->written[row] != s->step)
      for (ptrdiff_t i = 0; i < s->model->layer_count; i++)
        write_input(kernels, s, s->states[i].inputs[s->step], row, s->model->layers[i].below, H,
                    s->states[i].hidden + row * H);
    s->written[row] = (uint8_t)(1 - s->step);
  }
}

void ck_stream_step(ck_team *team, const ck_kernels *kernels, ck_streams *s, ptrdiff_t count, const int32_t *tokens,
                    int with_logits) {
  // Number of words of weights above which reading them takes longer than synchronizing the threads.
  enum { worth_meeting = 100000 };
  const ck_stream_model *model = s->model;
  ptrdiff_t words = with_logits ? model->V * words_of(model->precision, model->H) : 0;
  for (ptrdiff_t i = 0; i < model->layer_count; i++)
    words += model->layers[i].gates * model->H * words_of(model->precision, model->layers[i].weights.k);
  write_stale_rows(kernels, s, count);
  stream_job j = {kernels, s, count, ck_ceiling(count, kernels->tile_rows), tokens, with_logits};
  ck_team_run(team, words * count > worth_meeting, layer_items(&j, 0), step_layers, &j);
  s->step = 1 - s->step;
}

void ck_stream_row_changed(ck_streams *s, ptrdiff_t row) { s->written[row] = UINT8_MAX; }

ptrdiff_t ck_draw(ptrdiff_t v, const float *weights, double target) {
  enum { lanes = 16, block = 4 * lanes };
  ptrdiff_t at = 0;
  double sum = 0;
  for (; at + block <= v; at += block) {
    // Sixteen sums side by side, which the compiler turns into vectors.
    float sums[lanes];
    for (int j = 0; j < lanes; j++) {
      const float *w = weights + at + j;
      sums[j] = (w[0] + w[lanes]) + (w[2 * lanes] + w[3 * lanes]);
    }
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int j = 0; j < half; j++) sums[j] += sums[j + half];
    if (sum + sums[0] > target) break;
    sum += sums[0];
  }
  ptrdiff_t last = -1;
  for (ptrdiff_t i = at; i < v; i++) {
    if (weights[i] == 0) continue;
    last = i;
    sum += weights[i];
    if (sum > target) return i;
  }
  // Because of rounding, no sum may exceed the target.
  for (ptrdiff_t i = at - 1; last < 0 && i >= 0; i--)
    if (weights[i] != 0) last = i;
  return last < 0 ? 0 : last;
}
