// Addresses of the numbers of an operand.
#ifndef CHARGEN_OPERAND_H
#define CHARGEN_OPERAND_H

#include <string.h>

#include "include/chargen_kernels.h"

/// The address of the number at `row`, `column`. A word begins there where `column` is even or the precision is float32.
static inline void *ck_at(ck_operand x, ptrdiff_t row, ptrdiff_t column) {
  const ptrdiff_t at = row * x.stride + column;
  return x.precision == CK_BFLOAT16 ? (void *)((ck_half *)x.data + at) : (void *)((float *)x.data + at);
}

/// Distance in words between two rows.
static inline ptrdiff_t ck_row_words(ck_operand x) { return ck_words(x.precision, x.stride); }

/// Writes `columns` numbers to a row of an operand, in its precision. In float32, `from` may be that row itself.
static inline void ck_store_row(const ck_kernels *kernels, ptrdiff_t columns, const float *from, ck_operand to,
                                ptrdiff_t row) {
  void *data = ck_at(to, row, 0);
  if (to.precision == CK_BFLOAT16) kernels->to_bfloat16(columns, from, data);
  else if (data != from) memcpy(data, from, (size_t)columns * sizeof(float));
}

#endif
