// Activations, softmax and dropout of whole rows: the kernels, and the operations made of them.
#include <math.h>
#include <stdio.h>

#include "twins.h"

enum { activations = CK_RELU + 1 };

void check_activate(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  // Where hard_sigmoid bends, where e^x leaves the numbers that there are, and where e^2x - 1 must not cancel.
  const float special[] = {0, -0.0f, 3, -3, 1e-5f, -1e-20f, 20, -20, 100, -100, INFINITY, -INFINITY, NAN};
  enum { specials = sizeof special / sizeof *special };
  for (int activation = 0; activation < activations; activation++)
    for (int first = 0; first < specials; first += 2) {
      float *x[2];
      for (int i = 0; i < 2; i++) {
        x[i] = numbers(n, shift, 71, 6);
        for (ptrdiff_t j = 0; j < n; j += 3) x[i][j] = special[(j / 3 + first) % specials];
        pair[i]->activate(n, (ck_activation)activation, x[i]);
      }
      char what[24];
      snprintf(what, sizeof what, ", activation %d", activation);
      agree(what, x[0], x[1], n + margin, activation == CK_HARD_SIGMOID ? 1e-7f : 1e-30f, 2e-6f);
    }
}

void check_differentiate(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  // Values at which derivatives are zero, or jump.
  const float special[] = {0, 1, -0.0f, -1, 0.5f};
  enum { specials = sizeof special / sizeof *special };
  for (int activation = 0; activation < activations; activation++)
    for (int first = 0; first < specials; first++) {
      float *y = numbers(n, shift, 72, 1.5f), *gradient[2];
      for (ptrdiff_t j = 0; j < n; j += 2) y[j] = special[(j / 2 + first) % specials];
      for (int i = 0; i < 2; i++) {
        gradient[i] = numbers(n, shift, 73, 4);
        pair[i]->differentiate(n, (ck_activation)activation, y, gradient[i]);
      }
      char what[24];
      snprintf(what, sizeof what, ", activation %d", activation);
      agree(what, gradient[0], gradient[1], n + margin, 1e-6f, 1e-6f);
    }
}

/// Which numbers are zero.
static const float *zeros_of(ck_operand x, ptrdiff_t n) {
  float *values;
  widened(x, 1, &values);
  for (ptrdiff_t j = 0; j < n; j++) values[j] = values[j] == 0;
  return values;
}

void check_dropout(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  const int size = precision == CK_BFLOAT16 ? sizeof(ck_half) : sizeof(float);
  // Both halves of a seed count, and the number after 2^32 - 1 is 0.
  const uint64_t seeds[] = {0, 12345, 0xfedcba9800000000, 0x123456789abcdef0};
  const uint32_t firsts[] = {0, 7, 0xfffffff9}, thresholds[] = {0, 0x40000000, 0x80000000, 0xffffffff};
  for (int kind = 0; kind < 48; kind++) {
    const uint64_t seed = seeds[kind % 4];
    const uint32_t first = firsts[kind / 4 % 3], threshold = thresholds[kind / 12];
    const ck_operand from = operand(precision, 1, n, shift, 74, 1), whole = operand(CK_FLOAT32, 1, n, shift, 74, 1);
    const ck_operand found = operand(precision, 1, n + margin, shift, 75, 1);
    const ck_operand expected = operand(precision, 1, n + margin, shift, 75, 1);
    const ck_operand in_place = operand(precision, 1, n + margin, shift, 74, 1);
    pair[0]->dropout[precision](n, seed, first, threshold, 1.3f, from.data, found.data);
    pair[1]->dropout[precision](n, seed, first, threshold, 1.3f, from.data, expected.data);
    agree_exactly("", found.data, expected.data, n + margin, size);
    pair[0]->dropout[precision](n, seed, first, threshold, 1.3f, in_place.data, in_place.data);
    agree_exactly(", in place", in_place.data, expected.data, n, size);
    pair[1]->dropout[CK_FLOAT32](n, seed, first, threshold, 1.3f, whole.data, whole.data);
    agree(", what is dropped", zeros_of(found, n), zeros_of(whole, n), n, 0, 0);
  }
}

// MARK: Operations

/// Sizes: rows, columns. The variant is the activation.
result run_activate(ck_team *team, const ck_kernels *kernels, const operation *unused, int variant,
                    const ptrdiff_t *size) {
  (void)unused;
  const ptrdiff_t count = size[0] * size[1];
  float *x = numbers(count, 0, 1, 6), *expected = numbers(count, 0, 1, 6);
  ck_activate(team, kernels, size[0], size[1], (ck_activation)variant, x);
  ck_kernels_for(CK_ISA_SCALAR)->activate(count, (ck_activation)variant, expected);
  agree("all rows at once", x, expected, count + margin, 1e-6f, 2e-6f);
  result r = {0};
  add_part(&r, "values", x, count + margin);
  return r;
}

/// Sizes: rows, columns. The variant is the activation.
result run_differentiate(ck_team *team, const ck_kernels *kernels, const operation *unused, int variant,
                         const ptrdiff_t *size) {
  (void)unused;
  const ptrdiff_t count = size[0] * size[1];
  const float *y = numbers(count, 0, 1, 1.5f);
  float *gradient = numbers(count, 0, 2, 4), *expected = numbers(count, 0, 2, 4);
  ck_differentiate(team, kernels, count, (ck_activation)variant, y, gradient);
  kernels->differentiate(count, (ck_activation)variant, y, expected);
  agree_exactly("all numbers at once", gradient, expected, count + margin, sizeof(float));
  result r = {0};
  add_part(&r, "gradient", gradient, count + margin);
  return r;
}

/// Sizes: rows, columns.
result run_differentiate_softmax(ck_team *team, const ck_kernels *kernels, const operation *unused, int variant,
                                 const ptrdiff_t *size) {
  (void)unused, (void)variant;
  const ptrdiff_t rows = size[0], columns = size[1], count = rows * columns;
  const float *y = numbers(count, 0, 1, 1);
  float *gradient = numbers(count, 0, 2, 1), *expected = numbers(count, 0, 2, 1);
  ck_differentiate_softmax(team, kernels, rows, columns, y, gradient);
  for (ptrdiff_t row = 0; row < rows; row++) {
    double sum = 0;
    for (ptrdiff_t at = row * columns; at < (row + 1) * columns; at++) sum += (double)y[at] * (double)expected[at];
    for (ptrdiff_t at = row * columns; at < (row + 1) * columns; at++)
      expected[at] = (float)((double)y[at] * ((double)expected[at] - sum));
  }
  agree("the formula's", gradient, expected, count + margin, 2e-6f, 2e-6f);
  result r = {0};
  add_part(&r, "gradient", gradient, count + margin);
  return r;
}

/// Sizes: rows, columns.
result run_softmax(ck_team *team, const ck_kernels *kernels, const operation *unused, int variant,
                   const ptrdiff_t *size) {
  (void)unused, (void)variant;
  const ptrdiff_t rows = size[0], columns = size[1];
  float *x = numbers(rows * columns, 0, 1, 20), *expected = numbers(rows * columns, 0, 1, 20);
  ck_softmax(team, kernels, rows, columns, x);
  for (float *row = expected; row < expected + rows * columns; row += columns) {
    double sum = 0;
    for (ptrdiff_t j = 0; j < columns; j++) sum += exp((double)row[j]);
    for (ptrdiff_t j = 0; j < columns; j++) row[j] = (float)(exp((double)row[j]) / sum);
  }
  agree("the formula's", x, expected, rows * columns + margin, 1e-30f, 5e-6f);
  result r = {0};
  add_part(&r, "values", x, rows * columns + margin);
  return r;
}

/// Sizes: rows, columns, rows after which the same are dropped. Variants: to other memory and in place.
result run_dropout(ck_team *team, const ck_kernels *kernels, const operation *o, int variant, const ptrdiff_t *size) {
  const ptrdiff_t rows = size[0], columns = size[1], period = size[2];
  const ck_precision precision = (ck_precision)o->precision;
  const uint64_t seed = 0x123456789abcdef0;
  const uint32_t threshold = 0x40000000;
  const float scale = 4.0f / 3;
  const ck_operand expected = operand(precision, rows, columns, 0, 1, 1);
  const ck_operand from = operand(precision, rows, columns, 0, 1, 1);
  const ck_operand to = variant ? from : operand(precision, rows, columns, 0, 2, 1);
  ck_dropout(team, kernels, rows, columns, period, seed, threshold, scale, from, to);
  // What is dropped depends on a number's place in the period alone.
  const ptrdiff_t row_bytes = from.stride * (precision == CK_BFLOAT16 ? 2 : 4);
  for (ptrdiff_t row = 0; row < rows; row++) {
    const uint32_t first = (uint32_t)(row % period * columns);
    char *data = (char *)expected.data + row * row_bytes;
    ck_kernels_for(CK_ISA_SCALAR)->dropout[precision](columns, seed, first, threshold, scale, data, data);
  }
  agree_exactly("row by row", to.data, expected.data, rows * row_bytes, 1);
  result r = {0};
  add_operand(&r, "values", to, rows);
  return r;
}
