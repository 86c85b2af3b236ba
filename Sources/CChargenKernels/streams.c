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
  // One packed row of float32 has a word for each column.
  return gates ? ck_packed_gates_size(kernels, CK_FLOAT32, 1, columns, gates)
               : ck_packed_size(kernels, CK_FLOAT32, 1, columns);
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

/// What is computed between two meetings of the threads.
typedef enum stage_kind {
  /// Apart: the products of the output of the layer below.
  INPUT,
  /// CK_MLSTM: the product of the state, and m.
  MULTIPLY,
  /// CK_MLSTM in int8: m as bytes.
  QUANTIZE,
  /// The product of the gates, and the tail unless the product is normalized.
  GATES,
  /// The normalization and the tail.
  NORMALIZE,
  /// The logits.
  OUTPUT,
} stage_kind;

typedef struct stage {
  stage_kind kind;
  ptrdiff_t layer;
  /// Number of items: each is a group of rows times one of `blocks` blocks of columns.
  ptrdiff_t items, blocks;
} stage;

enum { most_layers = 64, stages_of_layer = 5 };

typedef struct stream_job {
  const ck_kernels *kernels;
  ck_streams *streams;
  /// The rows that advance, in groups of at most one tile.
  ptrdiff_t count, groups;
  const int32_t *tokens;
  int with_logits;
  ptrdiff_t stage_count;
  stage *stages;
} stream_job;

/// The arguments of the tails of one layer. With N = 0 the row block after the step is that of the step itself, so states
/// are overwritten in place.
static ck_recurrent pass_of(const stream_job *j, ptrdiff_t index) {
  const ck_streams *s = j->streams;
  const ck_stream_layer *layer = &s->model->layers[index];
  const ck_stream_state *state = &s->states[index];
  const ptrdiff_t H = s->model->H;
  const int reads_rows = layer->is_apart && index > 0;
  return (ck_recurrent){.kind = layer->kind,
                        .activation = CK_TANH,
                        .gate_activation = CK_SIGMOID,
                        .N = 0,
                        .H = H,
                        .input = reads_rows ? state->rows : layer->table,
                        .tokens = reads_rows ? NULL : index == 0 ? j->tokens : s->zeros,
                        .bias = layer->bias,
                        .recurrent_bias = layer->recurrent_bias,
                        .product_gates = layer->gates,
                        .gates = {CK_FLOAT32, s->gates, ck_facts(layer->kind).slots * H},
                        .hidden = {CK_FLOAT32, state->hidden, H},
                        .intermediate = {CK_FLOAT32, state->intermediate, H},
                        .gain = layer->gain,
                        .epsilon = layer->epsilon,
                        .cell = state->cell};
}

/// Runs the last tail of a layer for a block of units, and writes the new states to the inputs that are read next.
static void finish_block(const stream_job *j, ptrdiff_t index, ptrdiff_t block, ck_span rows, const float *product) {
  const ck_kernels *kernels = j->kernels;
  ck_streams *s = j->streams;
  const ck_stream_layer *layer = &s->model->layers[index];
  const ptrdiff_t units = ck_gate_vectors(layer->gates) * kernels->lanes, H = s->model->H, unit = block * units;
  const ptrdiff_t count = H - unit < units ? H - unit : units;
  const ck_recurrent pass = pass_of(j, index);
  kernels->forward[layer->kind][CK_FLOAT32](&pass, 0, rows.first, (int)(rows.last - rows.first), block, product);
  for (ptrdiff_t row = rows.first; row < rows.last; row++) {
    const float *hidden = s->states[index].hidden + row * H + unit;
    write_input(kernels, s, s->states[index].inputs[1 - s->step], row, layer->below + unit, count, hidden);
    if (index + 1 < s->model->layer_count) {
      const ck_stream_state *next = &s->states[index + 1];
      const int is_apart = s->model->layers[index + 1].is_apart;
      write_input(kernels, s, is_apart ? next->below : next->inputs[s->step], row, unit, count, hidden);
    } else if (j->with_logits) {
      write_input(kernels, s, s->output_input, row, unit, count, hidden);
    }
  }
}

/// Computes a panel of the products of the output of the layer below.
static void input_item(const stream_job *j, ptrdiff_t index, ptrdiff_t panel, ck_span rows) {
  ck_streams *s = j->streams;
  const ck_stream_state *state = &s->states[index];
  const ptrdiff_t width = CK_PANEL_VECTORS * j->kernels->lanes, column = panel * width;
  const ptrdiff_t columns = ck_facts(s->model->layers[index].kind).inputs * s->model->H;
  const ptrdiff_t count = columns - column < width ? columns - column : width;
  _Alignas(64) float product[CK_MAX_PRODUCT];
  multiply(j->kernels, s, state->below, &s->model->layers[index].input, rows.first, (int)(rows.last - rows.first), panel,
           1, product);
  for (ptrdiff_t row = rows.first; row < rows.last; row++)
    memcpy(state->rows + row * columns + column, product + (row - rows.first) * width, (size_t)count * sizeof(float));
}

/// Computes a block of m.
static void multiply_item(const stream_job *j, ptrdiff_t index, ptrdiff_t block, ck_span rows) {
  ck_streams *s = j->streams;
  const ck_stream_state *state = &s->states[index];
  const ptrdiff_t H = s->model->H, units = CK_PANEL_VECTORS * j->kernels->lanes, unit = block * units;
  const ptrdiff_t count = H - unit < units ? H - unit : units;
  const ck_recurrent pass = pass_of(j, index);
  _Alignas(64) float product[CK_MAX_PRODUCT];
  multiply(j->kernels, s, state->inputs[s->step], &s->model->layers[index].second, rows.first,
           (int)(rows.last - rows.first), block, 1, product);
  j->kernels->multiply[CK_FLOAT32](&pass, 0, rows.first, (int)(rows.last - rows.first), block, product);
  if (s->model->precision == CK_STREAM_INT8) return;
  for (ptrdiff_t row = rows.first; row < rows.last; row++)
    write_input(j->kernels, s, state->middle, row, unit, count, state->intermediate + row * H + unit);
}

/// Divides m by its largest magnitude, so that its numbers are in [-1, 1], and writes them as bytes. Where a number is not
/// finite, which bytes cannot tell, the scale is NaN, and so are the products.
static void quantize_rows(const stream_job *j, ptrdiff_t index, ck_span rows) {
  ck_streams *s = j->streams;
  const ck_stream_state *state = &s->states[index];
  const ptrdiff_t H = s->model->H;
  for (ptrdiff_t row = rows.first; row < rows.last; row++) {
    float *m = state->intermediate + row * H, largest = 0, nothing = 0;
    for (ptrdiff_t i = 0; i < H; i++) {
      largest = fabsf(m[i]) > largest ? fabsf(m[i]) : largest;
      nothing += m[i] - m[i];  // zero, or NaN
    }
    state->scales[row] = largest + nothing;
    const float inverse = largest > 0 ? 1 / largest : 0;
    for (ptrdiff_t i = 0; i < H; i++) m[i] *= inverse;
    write_input(j->kernels, s, state->middle, row, 0, H, m);
  }
}

/// Computes the gates' product of a block of units, for one group of streams.
static void gates_item(const stream_job *j, ptrdiff_t index, ptrdiff_t block, ck_span rows) {
  const ck_kernels *kernels = j->kernels;
  ck_streams *s = j->streams;
  const ck_stream_layer *layer = &s->model->layers[index];
  const ck_stream_state *state = &s->states[index];
  const int m = (int)(rows.last - rows.first), is_mlstm = layer->kind == CK_MLSTM;
  const ptrdiff_t panels = layer->gates * ck_gate_vectors(layer->gates) / CK_PANEL_VECTORS;
  const ptrdiff_t width = panels * CK_PANEL_VECTORS * kernels->lanes;
  _Alignas(64) float product[CK_MAX_PRODUCT];
  multiply(kernels, s, is_mlstm ? state->middle : state->inputs[s->step], &layer->weights, rows.first, m, block * panels,
           panels, product);
  if (is_mlstm && s->model->precision == CK_STREAM_INT8)
    for (ptrdiff_t i = 0; i < m * width; i++) product[i] *= state->scales[rows.first + i / width];
  if (!layer->gain) return finish_block(j, index, block, rows, product);
  const ptrdiff_t all = ck_stream_packed_columns(kernels, s->model->H, layer->gates);
  for (int row = 0; row < m; row++)
    memcpy(state->raw + (rows.first + row) * all + block * width, product + row * width, (size_t)width * sizeof(float));
}

/// Normalizes the products of some streams for a part of the blocks, and finishes these.
static void normalize_item(const stream_job *j, ptrdiff_t index, ck_span blocks, ck_span rows) {
  const ck_kernels *kernels = j->kernels;
  const ck_streams *s = j->streams;
  const ck_stream_layer *layer = &s->model->layers[index];
  const ptrdiff_t all = ck_stream_packed_columns(kernels, s->model->H, layer->gates);
  const ptrdiff_t width = layer->gates * ck_gate_vectors(layer->gates) * kernels->lanes;
  const float *raw = s->states[index].raw + rows.first * all;
  const ptrdiff_t m = rows.last - rows.first;
  const ck_recurrent pass = pass_of(j, index);
  _Alignas(64) float product[CK_MAX_PRODUCT];
  float means[CK_MAX_TILE_ROWS], inverses[CK_MAX_TILE_ROWS];
  for (ptrdiff_t row = 0; row < m; row++)
    means[row] = kernels->moments(all, layer->gates * s->model->H, raw + row * all, layer->epsilon, &inverses[row]);
  for (ptrdiff_t block = blocks.first; block < blocks.last; block++) {
    for (ptrdiff_t row = 0; row < m; row++)
      kernels->normalize[CK_FLOAT32](&pass, rows.first + row, block, layer->gates, raw + row * all + block * width,
                                     means[row], inverses[row], product + row * width);
    finish_block(j, index, block, rows, product);
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

/// Number of groups of rows of a stage. A normalization reads whole rows, which are few.
static ptrdiff_t groups_of(const stream_job *j, stage_kind kind) {
  enum { rows_at_once = 4 };
  return kind == NORMALIZE || kind == QUANTIZE ? ck_ceiling(j->count, rows_at_once) : j->groups;
}

static void add_stage(stream_job *j, stage_kind kind, ptrdiff_t layer, ptrdiff_t blocks) {
  j->stages[j->stage_count++] = (stage){kind, layer, blocks * groups_of(j, kind), blocks};
}

static void add_stages(stream_job *j) {
  // Parts of the blocks of units of a normalization: each computes the mean and the variance once more.
  enum { most_parts = 4 };
  const ck_stream_model *model = j->streams->model;
  const ptrdiff_t width = CK_PANEL_VECTORS * j->kernels->lanes;
  for (ptrdiff_t i = 0; i < model->layer_count; i++) {
    const ck_stream_layer *layer = &model->layers[i];
    const ptrdiff_t blocks = ck_ceiling(model->H, ck_gate_vectors(layer->gates) * j->kernels->lanes);
    if (layer->is_apart && i > 0) add_stage(j, INPUT, i, ck_ceiling(ck_facts(layer->kind).inputs * model->H, width));
    if (layer->kind == CK_MLSTM) add_stage(j, MULTIPLY, i, ck_ceiling(model->H, width));
    if (layer->kind == CK_MLSTM && model->precision == CK_STREAM_INT8) add_stage(j, QUANTIZE, i, 1);
    add_stage(j, GATES, i, blocks);
    if (layer->gain) add_stage(j, NORMALIZE, i, blocks < most_parts ? blocks : most_parts);
  }
  if (j->with_logits) add_stage(j, OUTPUT, 0, ck_ceiling(model->V, width));
}

static void run_item(const stream_job *j, const stage *s, ptrdiff_t item) {
  const ptrdiff_t groups = groups_of(j, s->kind), block = item / groups;
  const ck_span rows = ck_part(j->count, item % groups, groups);
  switch (s->kind) {
    case INPUT: input_item(j, s->layer, block, rows); break;
    case MULTIPLY: multiply_item(j, s->layer, block, rows); break;
    case QUANTIZE: quantize_rows(j, s->layer, rows); break;
    case GATES: gates_item(j, s->layer, block, rows); break;
    case NORMALIZE: {
      const int gates = j->streams->model->layers[s->layer].gates;
      const ptrdiff_t all = ck_ceiling(j->streams->model->H, ck_gate_vectors(gates) * j->kernels->lanes);
      normalize_item(j, s->layer, ck_part(all, block, s->blocks), rows);
      break;
    }
    case OUTPUT: output_item(j, block, rows); break;
  }
}

static void run_stages(void *context, ck_turns *turns) {
  const stream_job *j = context;
  for (const stage *s = j->stages; s < j->stages + j->stage_count; s++) {
    for (ptrdiff_t item; (item = ck_next(turns)) >= 0;) run_item(j, s, item);
    if (s + 1 < j->stages + j->stage_count) ck_meet(turns, s[1].items);
  }
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
  for (ptrdiff_t i = 0; i < model->layer_count; i++) {
    const ck_stream_layer *layer = &model->layers[i];
    words += layer->gates * model->H * words_of(model->precision, layer->weights.k);
    words += ck_facts(layer->kind).inputs * model->H * words_of(model->precision, layer->input.k);
    words += model->H * words_of(model->precision, layer->second.k);
  }
  write_stale_rows(kernels, s, count);
  stage stages[most_layers * stages_of_layer + 1];
  stream_job j = {.kernels = kernels, .streams = s, .count = count, .groups = ck_ceiling(count, kernels->tile_rows),
                  .tokens = tokens, .with_logits = with_logits, .stages = stages};
  add_stages(&j);
  ck_team_run(team, words * count > worth_meeting, j.stages[0].items, run_stages, &j);
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
