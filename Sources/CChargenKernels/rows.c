// Operations that go over rows: the loss, sums over rows, and the scatter that is the gradient of a gather.
#include "include/chargen_kernels.h"
#include "work.h"

typedef struct rows_job {
  const ck_kernels *kernels;
  ptrdiff_t rows, columns;
  const float *x;
  const int32_t *tokens;
  float scale;
  float *to, *losses;
} rows_job;

static void loss_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const rows_job *j = context;
  const ck_span rows = ck_share(j->rows, index, count);
  for (ptrdiff_t r = rows.first; r < rows.last; r++)
    j->losses[r] = j->kernels->softmax_cross_entropy(j->columns, j->x + r * j->columns, j->tokens[r], j->scale,
                                                     j->to ? j->to + r * j->columns : NULL);
}

void ck_softmax_cross_entropy(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t v,
                              const float *logits, const int32_t *targets, float scale, float *gradient,
                              float *losses) {
  rows_job j = {kernels, rows, v, logits, targets, scale, gradient, losses};
  ck_team_run(team, rows * v > ck_worth_sharing / 8, loss_share, &j);
}

/// Adds rows of x, or of the columns a member has, into one row or into the row of a table.
static void add_rows_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const rows_job *j = context;
  const ck_span columns = ck_share(j->columns, index, count);
  for (ptrdiff_t r = 0; r < j->rows; r++)
    j->kernels->axpy(columns.last - columns.first, 1, j->x + r * j->columns + columns.first,
                     j->to + (j->tokens ? j->tokens[r] * j->columns : 0) + columns.first);
}

void ck_column_sums(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                    float *sums) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .to = sums};
  ck_team_run(team, rows * columns > ck_worth_sharing, add_rows_share, &j);
}

void ck_scatter_add(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                    const int32_t *tokens, float *table) {
  rows_job j = {.kernels = kernels, .rows = rows, .columns = columns, .x = x, .tokens = tokens, .to = table};
  ck_team_run(team, rows * columns > ck_worth_sharing, add_rows_share, &j);
}
