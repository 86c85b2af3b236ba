// Where the numbers of an operand lie.
#ifndef CHARGEN_OPERAND_H
#define CHARGEN_OPERAND_H

#include "include/chargen_kernels.h"

/// The number at `row`, `column`; a word begins there where `column` is even, or the precision float32.
static inline void *ck_at(ck_operand x, ptrdiff_t row, ptrdiff_t column) {
  const ptrdiff_t at = row * x.stride + column;
  return x.precision == CK_BFLOAT16 ? (void *)((ck_half *)x.data + at) : (void *)((float *)x.data + at);
}

/// Words from one row to the next.
static inline ptrdiff_t ck_row_words(ck_operand x) { return ck_words(x.precision, x.stride); }

#endif
