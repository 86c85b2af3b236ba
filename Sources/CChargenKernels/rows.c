// Operations over the rows of matrices: copies and conversion, activations, dropout, column sums, and scatter, which is the
// gradient of a gather.
#include <string.h>

#include "include/chargen_kernels.h"
#include "operand.h"
#include "work.h"

typedef struct rows_job {
  const ck_kernels *kernels;
  ptrdiff_t rows, columns;
  const float *from;
  ck_operand x;
  const int32_t *tokens;
  float scale;
  float *to;
  ptrdiff_t to_rows;
  ck_activation activation;
  ck_operand other;
  ptrdiff_t period;
  uint64_t seed;
  uint32_t threshold;
} rows_job;

/// Copies one row of an operand to a row of another one, which may have another precision.
static void copy_row(const ck_kernels *kernels, ptrdiff_t columns, ck_operand from, ptrdiff_t from_row, ck_operand to,
                     ptrdiff_t to_row) {
  if (from.precision == CK_FLOAT32) {
    ck_store_row(kernels, columns, ck_at(from, from_row, 0), to, to_row);
  } else if (to.precision == CK_BFLOAT16) {
    memcpy(ck_at(to, to_row, 0), ck_at(from, from_row, 0), (size_t)columns * sizeof(ck_half));
  } else {
    // A bfloat16 is the upper half of a float32.
    const ck_half *source = ck_at(from, from_row, 0);
    ck_word *result = ck_at(to, to_row, 0);
    for (ptrdiff_t c = 0; c < columns; c++) result[c] = (uint32_t)source[c] << 16;
  }
}

static void copy_rows(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t r; (r = ck_next(turns)) >= 0;)
    copy_row(j->kernels, j->columns, j->x, j->tokens ? j->tokens[r] : r, j->other, r);
}

void ck_copy(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand from, ck_operand to) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = from, .other = to};
  ck_team_run(team, rows * columns * ck_number_work > ck_worth_sharing, rows, copy_rows, &j);
}

void ck_gather(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand from,
               const int32_t *indices, ck_operand to) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = from, .other = to, .tokens = indices};
  ck_team_run(team, rows * columns * ck_number_work > ck_worth_sharing, rows, copy_rows, &j);
}

void ck_fill(ptrdiff_t rows, ptrdiff_t columns, float value, ck_operand x) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (x.precision == CK_BFLOAT16) {
      ck_half *row = ck_at(x, r, 0);
      for (ptrdiff_t c = 0; c < columns; c++) row[c] = (ck_half)(bits >> 16);
    } else {
      float *row = ck_at(x, r, 0);
      for (ptrdiff_t c = 0; c < columns; c++) row[c] = value;
    }
  }
}

static void activate_rows(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t r; (r = ck_next(turns)) >= 0;)
    j->kernels->activate(j->columns, j->activation, j->to + r * j->columns);
}

void ck_activate(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_activation activation,
                 float *x) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .activation = activation, .to = x};
  ck_team_run(team, rows * columns * ck_function_work > ck_worth_sharing, rows, activate_rows, &j);
}

enum { numbers_at_once = 1024 };

static void differentiate_pieces(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t i; (i = ck_next(turns)) >= 0;) {
    const ptrdiff_t first = i * numbers_at_once, rest = j->columns - first;
    j->kernels->differentiate(rest < numbers_at_once ? rest : numbers_at_once, j->activation, j->from + first,
                              j->to + first);
  }
}

void ck_differentiate(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, ck_activation activation, const float *y,
                      float *gradient) {
  rows_job j = {.kernels = kernels, .rows = 1, .columns = n, .activation = activation, .from = y, .to = gradient};
  ck_team_run(team, n * ck_number_work > ck_worth_sharing, ck_ceiling(n, numbers_at_once), differentiate_pieces, &j);
}

static void softmax_rows(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t r; (r = ck_next(turns)) >= 0;) {
    float *x = j->to + r * j->columns;
    const float sum = j->kernels->softmax_weights(j->columns, x, 1, x);
    for (ptrdiff_t c = 0; c < j->columns; c++) x[c] /= sum;
  }
}

void ck_softmax(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, float *x) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .to = x};
  ck_team_run(team, rows * columns * ck_function_work > ck_worth_sharing, rows, softmax_rows, &j);
}

static void differentiate_softmax_rows(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t r; (r = ck_next(turns)) >= 0;) {
    const float *y = j->from + r * j->columns;
    float *gradient = j->to + r * j->columns;
    const float sum = j->kernels->dot(j->columns, y, gradient);
    for (ptrdiff_t c = 0; c < j->columns; c++) gradient[c] = y[c] * (gradient[c] - sum);
  }
}

void ck_differentiate_softmax(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns,
                              const float *y, float *gradient) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .from = y, .to = gradient};
  ck_team_run(team, rows * columns * ck_number_work > ck_worth_sharing, rows, differentiate_softmax_rows, &j);
}

static void drop_rows(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t r; (r = ck_next(turns)) >= 0;)
    j->kernels->dropout[j->x.precision](j->columns, j->seed, (uint32_t)(r % j->period * j->columns), j->threshold,
                                        j->scale, ck_at(j->x, r, 0), ck_at(j->other, r, 0));
}

void ck_dropout(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t period,
                uint64_t seed, uint32_t threshold, float scale, ck_operand from, ck_operand to) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = from, .other = to, .period = period,
                .seed = seed, .threshold = threshold, .scale = scale};
  ck_team_run(team, rows * columns * ck_function_work > ck_worth_sharing, rows, drop_rows, &j);
}

enum { columns_at_once = 256 };

/// Clears one row, or the rows of a table, and adds the rows of x to it, multiplied by those of `other` where it has data.
/// An item is a block of columns.
static void add_rows(void *context, ck_turns *turns) {
  const rows_job *j = context;
  for (ptrdiff_t block; (block = ck_next(turns)) >= 0;) {
    const ptrdiff_t first = block * columns_at_once, rest = j->columns - first;
    const ptrdiff_t columns = rest < columns_at_once ? rest : columns_at_once;
    for (ptrdiff_t r = 0; r < j->to_rows; r++) memset(j->to + r * j->columns + first, 0, (size_t)columns * sizeof(float));
    for (ptrdiff_t r = 0; r < j->rows; r++) {
      float *to = j->to + (j->tokens ? j->tokens[r] * j->columns : 0) + first;
      if (j->other.data)
        j->kernels->add_products[j->x.precision](columns, ck_at(j->x, r, first), ck_at(j->other, r, first), to);
      else
        j->kernels->add[j->x.precision](columns, ck_at(j->x, r, first), to);
    }
  }
}

void ck_column_sums(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                    float *sums) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .to = sums, .to_rows = 1};
  ck_team_run(team, rows * columns * ck_number_work > ck_worth_sharing, ck_ceiling(columns, columns_at_once), add_rows, &j);
}

void ck_column_sums_of_products(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                                ck_operand y, float *sums) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .other = y, .to = sums, .to_rows = 1};
  ck_team_run(team, rows * columns * ck_number_work > ck_worth_sharing, ck_ceiling(columns, columns_at_once), add_rows, &j);
}

void ck_scatter(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                const int32_t *tokens, ptrdiff_t v, float *table) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .tokens = tokens, .to = table,
                .to_rows = v};
  ck_team_run(team, rows * columns * ck_number_work > ck_worth_sharing, ck_ceiling(columns, columns_at_once), add_rows, &j);
}
