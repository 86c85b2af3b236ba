// Losses of rows, with their gradients and hits. The cross-entropy of a class is a kernel. The other losses are portable
// loops in double, whose results depend on the instruction set only through the exponentials of the softmax.
#include <math.h>
#include <string.h>

#include "include/chargen_kernels.h"
#include "operand.h"
#include "work.h"

/// One row of a batch.
typedef struct loss_row {
  const ck_kernels *kernels;
  ptrdiff_t columns;
  float *x;              // [columns] outputs; overwritten by their gradient where `has_gradient`
  const float *targets;  // [columns], or NULL
  ptrdiff_t class;       // where `targets` is NULL
  float factor;          // scale * weight of the gradient
  int has_gradient;
} loss_row;

static inline double target(const loss_row *r, ptrdiff_t column) {
  return r->targets ? (double)r->targets[column] : column == r->class;
}

static ptrdiff_t first_largest(ptrdiff_t n, const float *x) {
  ptrdiff_t largest = 0;
  for (ptrdiff_t c = 1; c < n; c++)
    if (x[c] > x[largest]) largest = c;
  return largest;
}

/// Whether the first largest output is that of the class; false where an output is NaN. The loops do not exit early, so
/// that the compiler can vectorize them.
static int softmax_hit(const loss_row *r) {
  const ptrdiff_t class = r->targets ? first_largest(r->columns, r->targets) : r->class;
  const float *x = r->x, most = x[class];
  int misses = !(most == most);
  for (ptrdiff_t c = 0; c < class; c++) misses |= !(x[c] < most);
  for (ptrdiff_t c = class + 1; c < r->columns; c++) misses |= !(x[c] <= most);
  return !misses;
}

static int sigmoid_hit(const loss_row *r) {
  int misses = 0;
  for (ptrdiff_t c = 0; c < r->columns; c++) misses |= (r->x[c] > 0) != (target(r, c) > 0.5);
  return !misses;
}

static int is_hit(ck_loss loss, const loss_row *r) {
  switch (loss) {
    case CK_SOFTMAX_CROSS_ENTROPY: return softmax_hit(r);
    case CK_SIGMOID_CROSS_ENTROPY: return sigmoid_hit(r);
    default: return 0;
  }
}

/// The cross-entropy of targets y [columns]: -sum of y (x - maximum - log(sum of e^(x - maximum))).
static double softmax_loss(const loss_row *r) {
  float *x = r->x;
  const float *y = r->targets;
  const double maximum = (double)x[first_largest(r->columns, x)];
  double total = 0, distance = 0;
  for (ptrdiff_t c = 0; c < r->columns; c++) {
    total += (double)y[c];
    if (y[c] != 0) distance += (double)y[c] * (maximum - (double)x[c]);
  }
  const double sum = (double)r->kernels->softmax_weights(r->columns, x, 1, r->has_gradient ? x : NULL);
  if (r->has_gradient) {
    const double factor = (double)r->factor, share = factor * total / sum;
    for (ptrdiff_t c = 0; c < r->columns; c++) x[c] = (float)(share * (double)x[c] - factor * (double)y[c]);
  }
  return distance + total * log(sum);
}

static double sigmoid_loss(const loss_row *r) {
  const double factor = (double)r->factor / (double)r->columns;
  double sum = 0;
  for (ptrdiff_t c = 0; c < r->columns; c++) {
    const double x = (double)r->x[c], y = target(r, c), e = exp(-fabs(x));
    sum += (x > 0 ? x : 0) - x * y + log1p(e);
    if (r->has_gradient) r->x[c] = (float)(factor * ((x > 0 ? 1 : e) / (1 + e) - y));
  }
  return sum / (double)r->columns;
}

static double squared_loss(const loss_row *r) {
  const double factor = 2 * (double)r->factor / (double)r->columns;
  double sum = 0;
  for (ptrdiff_t c = 0; c < r->columns; c++) {
    const double difference = (double)r->x[c] - target(r, c);
    sum += difference * difference;
    if (r->has_gradient) r->x[c] = (float)(factor * difference);
  }
  return sum / (double)r->columns;
}

typedef struct losses_job {
  const ck_kernels *kernels;
  const ck_losses *s;
  ptrdiff_t rows_at_once;
} losses_job;

static void compute_row(const losses_job *j, ptrdiff_t row) {
  const ck_losses *s = j->s;
  void *gradient = s->gradient.data ? ck_at(s->gradient, row, 0) : NULL;
  const float weight = s->weights ? s->weights[row] : 1;
  if (weight == 0) {
    s->losses[row] = 0;
    if (s->hits) s->hits[row] = 0;
    const size_t size = s->gradient.precision == CK_BFLOAT16 ? sizeof(ck_half) : sizeof(float);
    if (gradient) memset(gradient, 0, (size_t)s->columns * size);
    return;
  }
  const loss_row r = {.kernels = j->kernels,
                      .columns = s->columns,
                      .x = s->outputs + row * s->columns,
                      .targets = s->classes ? NULL : s->targets + row * s->columns,
                      .class = s->classes ? s->classes[row] : 0,
                      .factor = s->scale * weight,
                      .has_gradient = gradient != NULL};
  if (s->hits) s->hits[row] = is_hit(s->loss, &r) ? 1 : 0;
  if (s->loss == CK_SOFTMAX_CROSS_ENTROPY && s->classes) {
    s->losses[row] = weight * j->kernels->softmax_cross_entropy[s->gradient.precision](s->columns, r.x, s->classes[row],
                                                                                       r.factor, gradient);
    return;
  }
  const double loss = s->loss == CK_SOFTMAX_CROSS_ENTROPY   ? softmax_loss(&r)
                      : s->loss == CK_SIGMOID_CROSS_ENTROPY ? sigmoid_loss(&r)
                                                            : squared_loss(&r);
  s->losses[row] = (float)((double)weight * loss);
  if (gradient) ck_store_row(j->kernels, s->columns, r.x, s->gradient, row);
}

static void compute_rows(void *context, ck_turns *turns) {
  const losses_job *j = context;
  for (ptrdiff_t item; (item = ck_next(turns)) >= 0;) {
    const ptrdiff_t first = item * j->rows_at_once, end = first + j->rows_at_once;
    for (ptrdiff_t row = first; row < end && row < j->s->rows; row++) compute_row(j, row);
  }
}

void ck_compute_losses(ck_team *team, const ck_kernels *kernels, const ck_losses *s) {
  // One item holds several rows where rows are short.
  enum { numbers_at_once = 128 };
  losses_job j = {.kernels = kernels, .s = s, .rows_at_once = ck_ceiling(numbers_at_once, s->columns)};
  ck_team_run(team, s->rows * s->columns * ck_function_work > ck_worth_sharing, ck_ceiling(s->rows, j.rows_at_once),
              compute_rows, &j);
}
