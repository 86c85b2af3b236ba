// The losses of rows against their formulas in double.
#include <math.h>
#include <string.h>

#include "twins.h"

/// The loss of one row, its gradient, and whether the prediction is right: the definitions.
static double loss_of_row(ck_loss loss, ptrdiff_t n, const float *x, const float *y, double *gradient, int *hit) {
  double sum = 0, weights = 0, total = 0;
  ptrdiff_t output = 0, class = 0;
  *hit = loss != CK_SQUARED_ERROR;
  for (ptrdiff_t j = 0; j < n; j++) {
    weights += exp((double)x[j]);
    total += (double)y[j];
    if (x[j] > x[output]) output = j;
    if (y[j] > y[class]) class = j;
  }
  if (loss == CK_SOFTMAX_CROSS_ENTROPY) *hit = output == class;
  for (ptrdiff_t j = 0; j < n; j++) {
    const double a = (double)x[j], b = (double)y[j], s = 1 / (1 + exp(-a)), p = exp(a) / weights;
    switch (loss) {
      case CK_SOFTMAX_CROSS_ENTROPY:
        sum -= b * log(p);
        gradient[j] = total * p - b;
        break;
      case CK_SIGMOID_CROSS_ENTROPY:
        sum -= (b * log(s) + (1 - b) * log(1 - s)) / (double)n;
        gradient[j] = (s - b) / (double)n;
        *hit &= (a > 0) == (b > 0.5);
        break;
      default:
        sum += (a - b) * (a - b) / (double)n;
        gradient[j] = 2 * (a - b) / (double)n;
    }
  }
  return sum;
}

/// Sizes: rows, columns. Bits of a variant: classes, weights (row 1 has none, and no numbers either), hits, gradient.
result run_losses(ck_team *team, const ck_kernels *kernels, const operation *o, int variant, const ptrdiff_t *size) {
  const ptrdiff_t rows = size[0], columns = size[1], count = rows * columns;
  const ck_precision precision = (ck_precision)o->precision;
  const float scale = 0.25f;
  float *outputs = numbers(count, 0, 1, 4), *targets = numbers(count, 0, 2, 0.5f), *weights = numbers(rows, 0, 3, 0.5f);
  int32_t *classes = take(rows * (ptrdiff_t)sizeof(int32_t));
  for (ptrdiff_t row = 0; row < rows; row++) {
    weights[row] += 1;
    classes[row] = (int32_t)(row % columns);
    for (ptrdiff_t at = row * columns; at < (row + 1) * columns; at++)
      targets[at] = variant & 1 ? at - row * columns == classes[row] : targets[at] + 0.5f;
  }
  if (variant & 2 && rows > 1) {
    weights[1] = 0;
    classes[1] = -1;
    for (ptrdiff_t at = columns; at < 2 * columns; at++) outputs[at] = targets[at] = NAN;
  }
  // The expected numbers stand among the same random ones as the found.
  float *losses = numbers(rows, 0, 4, 1), *expected = numbers(rows, 0, 4, 1);
  float *hits = numbers(rows, 0, 5, 1), *expected_hits = numbers(rows, 0, 5, 1), *expected_gradient;
  const ck_operand gradient = operand(precision, rows, columns, 0, 6, 1);
  widened(gradient, rows, &expected_gradient);
  double *slopes = take(columns * (ptrdiff_t)sizeof(double));
  for (ptrdiff_t row = 0; row < rows; row++) {
    const double weight = variant & 2 ? (double)weights[row] : 1;
    int hit = 0;
    double loss = 0;
    memset(slopes, 0, (size_t)columns * sizeof(double));
    if (weight != 0)
      loss = loss_of_row((ck_loss)o->kind, columns, outputs + row * columns, targets + row * columns, slopes, &hit);
    expected[row] = (float)(weight * loss);
    if (variant & 4) expected_hits[row] = (float)hit;
    for (ptrdiff_t j = 0; j < columns && variant & 8; j++)
      expected_gradient[row * gradient.stride + j] = (float)((double)scale * weight * slopes[j]);
  }
  const ck_losses s = {.loss = (ck_loss)o->kind,
                       .rows = rows,
                       .columns = columns,
                       .outputs = outputs,
                       .classes = variant & 1 ? classes : NULL,
                       .targets = variant & 1 ? NULL : targets,
                       .weights = variant & 2 ? weights : NULL,
                       .scale = scale,
                       .gradient = {precision, variant & 8 ? gradient.data : NULL, gradient.stride},
                       .losses = losses,
                       .hits = variant & 4 ? hits : NULL};
  ck_compute_losses(team, kernels, &s);
  float *found_gradient;
  const ptrdiff_t gradient_count = widened(gradient, rows, &found_gradient);
  agree("losses of the formula", losses, expected, rows + margin, 3e-6f, 3e-6f);
  agree("hits of the formula", hits, expected_hits, rows + margin, 0, 0);
  agree("gradient of the formula", found_gradient, expected_gradient, gradient_count, 1e-6f,
        precision == CK_BFLOAT16 ? 4e-3f : 2e-6f);
  result r = {0};
  add_part(&r, "losses", losses, rows + margin);
  add_part(&r, "hits", hits, rows + margin);
  add_operand(&r, "gradient", gradient, rows);
  return r;
}
