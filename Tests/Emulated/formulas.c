// Recurrent layers against their formulas in double, and the gradients against differences of what those give: for the
// scalar twin too, and for what all tables share, the loop over time.
#include <math.h>
#include <string.h>

#include "twins.h"

enum { most_units = 8 };

/// A pass in double. Rows are as in ck_recurrent; what is added to the inputs, to the product that a CK_GRU's r or an mLSTM's
/// x_m multiplies, and to the gates' products before their normalization, is there to be changed.
typedef struct formula {
  const ck_recurrent *s;
  const float *recurrent, *second;  // [H, product_gates*H], [H, H]
  double *input, *inner, *raw;      // [T*N, inputs*H], [T*N, H], [T*N, gates*H]
  double *gain;                     // [gates*H], or NULL
  double *hidden, *dropped, *cell, *intermediate;  // [(T+1)*N, H]
} formula;

static double activated(ck_activation activation, double x) {
  switch (activation) {
    case CK_SIGMOID: return 1 / (1 + exp(-x));
    case CK_HARD_SIGMOID: return fmin(fmax(x / 6 + 0.5, 0), 1);
    case CK_TANH: return tanh(x);
    case CK_RELU: return fmax(x, 0);
    default: return x;
  }
}

static double product(const formula *f, const double *state, const float *weights, int gates, int gate, ptrdiff_t j) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < f->s->H; i++) sum += state[i] * (double)weights[(i * gates + gate) * f->s->H + j];
  return sum;
}

/// Layer normalization of the products of one row, all gates together.
static void normalize(const formula *f, int gates, double p[CK_MAX_GATES][most_units]) {
  const ptrdiff_t H = f->s->H;
  double mean = 0, variance = 0;
  for (int gate = 0; gate < gates; gate++)
    for (ptrdiff_t j = 0; j < H; j++) mean += p[gate][j] / (double)(gates * H);
  for (int gate = 0; gate < gates; gate++)
    for (ptrdiff_t j = 0; j < H; j++) variance += (p[gate][j] - mean) * (p[gate][j] - mean) / (double)(gates * H);
  for (int gate = 0; gate < gates; gate++)
    for (ptrdiff_t j = 0; j < H; j++)
      p[gate][j] = (p[gate][j] - mean) / sqrt(variance + (double)f->s->epsilon) * f->gain[gate * H + j];
}

/// One step of one sequence: row `at` of the inputs, from row `at` of the states to row `at + N`.
static void step(const formula *f, ptrdiff_t at) {
  const ck_recurrent *s = f->s;
  const ptrdiff_t H = s->H, next = (at + s->N) * H;
  const int inputs = ck_facts(s->kind).inputs, all = s->product_gates;
  const ck_activation a = s->activation, g = s->gate_activation;
  const double *before = f->hidden + at * H, *state = f->dropped + at * H, *input = f->input + at * inputs * H;
  const float *v = s->recurrent_bias;
  double p[CK_MAX_GATES][most_units], z[most_units], n[most_units], *m = f->intermediate + at * H;
  if (s->kind == CK_MLSTM)
    for (ptrdiff_t j = 0; j < H; j++)
      m[j] = input[4 * H + j] * (product(f, state, f->second, 1, 0, j) + f->inner[at * H + j]);
  for (int gate = 0; gate < all; gate++)
    for (ptrdiff_t j = 0; j < H; j++) {
      p[gate][j] = product(f, s->kind == CK_MLSTM ? m : state, f->recurrent, all, gate, j);
      if (f->gain) p[gate][j] += f->raw[(at * all + gate) * H + j];
    }
  if (f->gain) normalize(f, all, p);
  for (ptrdiff_t j = 0; j < H; j++) {
    const double *x = input + j;
    switch (s->kind) {
      case CK_LSTM:
      case CK_MLSTM:
        f->cell[next + j] = activated(g, x[H] + p[1][j]) * f->cell[at * H + j] +
                            activated(g, x[0] + p[0][j]) * activated(a, x[2 * H] + p[2][j]);
        f->hidden[next + j] = activated(g, x[3 * H] + p[3][j]) * activated(a, f->cell[next + j]);
        break;
      case CK_GRU:
        z[j] = activated(g, x[H] + p[0][j] + (double)v[j]);
        n[j] = p[2][j] + (double)v[2 * H + j] + f->inner[at * H + j];
        n[j] *= activated(g, x[2 * H] + p[1][j] + (double)v[H + j]);
        n[j] = activated(a, x[0] + n[j] + (all == 4 ? p[3][j] : 0));
        break;
      case CK_GRU_RESET_BEFORE:
        z[j] = activated(g, x[H] + p[0][j]);
        m[j] = activated(g, x[2 * H] + p[1][j]) * state[j];
        break;
      default: f->hidden[next + j] = activated(a, x[0] + p[0][j]);
    }
  }
  if (s->kind != CK_GRU && s->kind != CK_GRU_RESET_BEFORE) return;
  for (ptrdiff_t j = 0; j < H; j++) {
    if (s->kind == CK_GRU_RESET_BEFORE)
      n[j] = activated(a, input[j] + product(f, m, f->second, 1, 0, j));
    f->hidden[next + j] = z[j] * before[j] + (1 - z[j]) * n[j];
  }
}

static void drop(const formula *f, ptrdiff_t row) {
  const ck_recurrent *s = f->s;
  for (ptrdiff_t i = row * s->H; i < (row + 1) * s->H; i++)
    f->dropped[i] = f->hidden[i] * (s->dropout ? (double)s->dropout[i % (s->N * s->H)] : 1);
}

static double dot(const double *x, const float *y, ptrdiff_t count) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < count; i++) sum += x[i] * (double)y[i];
  return sum;
}

/// All steps; returns what the gradients that the way back begins with are the gradients of.
static double run(const formula *f) {
  const ck_recurrent *s = f->s;
  const ptrdiff_t H = s->H, N = s->N, rows = s->last * N, row_size = H * (ptrdiff_t)sizeof(double);
  for (ptrdiff_t row = 0; row < N; row++) drop(f, row);
  for (ptrdiff_t at = 0; at < rows; at++) {
    if (s->mask && !s->mask[at]) {
      memcpy(f->hidden + (at + N) * H, f->hidden + at * H, (size_t)row_size);
      memcpy(f->cell + (at + N) * H, f->cell + at * H, (size_t)row_size);
      memset(f->intermediate + at * H, 0, (size_t)row_size);
    } else {
      step(f, at);
    }
    drop(f, at + N);
  }
  return dot(f->hidden + N * H, s->d_output, rows * H) + dot(f->hidden + rows * H, s->d_hidden, N * H) +
         (s->d_cell ? dot(f->cell + rows * H, s->d_cell, N * H) : 0);
}

static double *doubles(ptrdiff_t count, const float *from) {
  double *to = take(count * (ptrdiff_t)sizeof(double));
  for (ptrdiff_t i = 0; from && i < count; i++) to[i] = (double)from[i];
  return to;
}

/// Rows of an operand of float32, without what lies between them.
static float *rows_of(ck_operand x, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t columns) {
  float *to = take(rows * columns * (ptrdiff_t)sizeof(float));
  for (ptrdiff_t row = 0; row < rows; row++)
    memcpy(to + row * columns, (const float *)x.data + row * x.stride + first, (size_t)columns * sizeof(float));
  return to;
}

/// Within 2^-14 of the largest that is expected: what float32 leaves of sums that cancel, and of norms of small numbers.
static void agree_with(const char *what, const float *found, const double *expected, ptrdiff_t count) {
  float *rounded = take(count * (ptrdiff_t)sizeof(float)), largest = 1;
  for (ptrdiff_t i = 0; i < count; i++) {
    rounded[i] = (float)expected[i];
    largest = fmaxf(largest, fabsf(rounded[i]));
  }
  agree(what, found, rounded, count, largest / 16384, 0);
}

/// The gradient by each of `count` numbers of `f` against central differences.
static void agree_with_differences(const char *what, const formula *f, double *numbers, const float *found,
                                   ptrdiff_t count) {
  const double change = 1e-5;
  double *expected = doubles(count, NULL);
  for (ptrdiff_t i = 0; i < count; i++) {
    const double before = numbers[i];
    numbers[i] = before + change;
    expected[i] = run(f);
    numbers[i] = before - change;
    expected[i] = (expected[i] - run(f)) / (2 * change);
    numbers[i] = before;
  }
  agree_with(what, found, expected, count);
}

/// A layer forward and back, each in two goes, as long sequences are: their first step, and the others.
static void compare_layer(ck_team *team, const ck_kernels *table, const recipe *r) {
  const ck_cell_facts facts = ck_facts(r->kind);
  const ptrdiff_t N = r->N, H = r->H, T = r->T, width = facts.inputs * H;
  // Passes overwrite what they are given, but the formulas' own.
  const ck_recurrent start = make_layer(r, 0, 0);
  ck_recurrent s = make_layer(r, 0, 0);
  const float *recurrent = numbers(H * r->product_gates * H, 0, 30, 0.5f), *second = numbers(H * H, 0, 31, 0.5f);
  formula f = {.s = &start, .recurrent = recurrent, .second = second,
               .input = doubles(T * N * width, NULL), .inner = doubles(T * N * H, NULL),
               .raw = doubles(T * N * facts.gates * H, NULL), .gain = s.gain ? doubles(facts.gates * H, s.gain) : NULL,
               .hidden = doubles((T + 1) * N * H, rows_of(s.hidden, (T + 1) * N, 0, H)),
               .dropped = doubles((T + 1) * N * H, NULL), .cell = doubles((T + 1) * N * H, s.cell),
               .intermediate = doubles((T + 1) * N * H, NULL)};
  for (ptrdiff_t at = 0; at < T * N; at++)
    for (ptrdiff_t j = 0; j < width; j++)
      f.input[at * width + j] = (double)s.input[(s.tokens ? s.tokens[at] : at) * width + j] + (double)s.bias[j];
  run(&f);

  if (s.dropout)
    for (ptrdiff_t i = 0; i < N * H; i++)
      ((float *)s.dropped.data)[i / H * s.dropped.stride + i % H] = (float)f.dropped[i];
  set_weights(team, table, &s, recurrent, second, 0);
  s.last = 1;
  ck_recurrent_forward(team, table, &s);
  s.first = 1, s.last = T;
  if (!s.tokens) s.input_first = 1, s.input += N * width;
  ck_recurrent_forward(team, table, &s);
  agree_with("states", rows_of(s.hidden, (T + 1) * N, 0, H), f.hidden, (T + 1) * N * H);
  if (s.cell) agree_with("cells", s.cell, f.cell, (T + 1) * N * H);
  if (s.dropout) agree_with("dropped states", rows_of(s.dropped, (T + 1) * N, 0, H), f.dropped, (T + 1) * N * H);
  if (s.intermediate.data)
    agree_with("intermediate states", rows_of(s.intermediate, T * N, 0, H), f.intermediate, T * N * H);
  if (r->product_gates > facts.gates) return;  // there is no way back

  set_weights(team, table, &s, recurrent, second, 1);
  ck_recurrent_backward(team, table, &s);
  s.first = 0, s.last = 1;
  ck_recurrent_backward(team, table, &s);
  const float *inputs = rows_of(s.gates, T * N, 0, width);
  agree_with_differences("inputs' gradients", &f, f.input, inputs, T * N * width);
  if (r->kind == CK_GRU)
    agree_with_differences("inner gradients", &f, f.inner, rows_of(s.gates, T * N, 3 * H, H), T * N * H);
  if (r->kind == CK_MLSTM)
    agree_with_differences("gradients of the second product", &f, f.inner, rows_of(s.gates, T * N, 5 * H, H), T * N * H);
  if (s.gain) {
    const ptrdiff_t columns = facts.gates * H;
    const ck_operand gates = {s.gates.precision, (float *)s.gates.data + facts.first_gate * H, s.gates.stride};
    float *sums = numbers(columns, 0, 32, 1);
    ck_column_sums_of_products(team, table, T * N, columns, gates, s.normalized, sums);
    agree_with_differences("gain's gradients", &f, f.gain, sums, columns);
    agree_with_differences("gradients of products", &f, f.raw, rows_of(s.d_product, T * N, 0, columns), T * N * columns);
  }
  agree_with_differences("states' gradients", &f, f.hidden, s.d_hidden, N * H);
  if (s.d_cell) agree_with_differences("cells' gradients", &f, f.cell, s.d_cell, N * H);
}

int compare_with_formulas(const ck_kernels *table) {
  // Sequences for one member each, and too few for that.
  const ptrdiff_t sizes[][3] = {{5, 6, 3}, {2, 7, 3}};
  ck_team *team = ck_team_create(1);
  for (int kind = 0; kind < CK_CELLS; kind++)
    for (int variant = 0; variant < 32 * choice_count; variant++)
      for (int size = 0; size < 2; size++) {
        const ck_activation *choice = choices[variant / 32];
        if (variant & 8 && (kind != CK_GRU || variant & 16)) continue;
        if (variant & 16 && kind == CK_GRU_RESET_BEFORE) continue;
        const recipe r = {.kind = (ck_cell)kind, .activation = choice[0], .gate_activation = choice[1],
                          .masked = variant & 1, .dropped = variant & 2, .tokens = variant & 4, .normalized = variant & 16,
                          .product_gates = ck_facts((ck_cell)kind).gates + (variant & 8 ? 1 : 0),
                          .N = sizes[size][0], .H = sizes[size][1], .T = sizes[size][2]};
        forget_all();
        subject("%s: the formulas of cell %d, variant %d, size %d, ", table->name, kind, variant, size);
        compare_layer(team, table, &r);
      }
  ck_team_destroy(team);
  return CK_CELLS;
}
