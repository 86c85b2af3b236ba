// What the comparisons share: memory, numbers and the verdict.
#ifndef CHARGEN_TWINS_H
#define CHARGEN_TWINS_H

#include "chargen_kernels.h"

/// Numbers after the end of each array that are compared too: nothing may write there.
enum { margin = 8 };

/// Zeroed memory aligned to a cache line, until `forget_all`.
void *take(ptrdiff_t bytes);
void forget_all(void);

/// Random bits, the same for the same seed on every machine; and `count` numbers of [-scale, scale) and a margin of such,
/// `shift` numbers away from alignment.
uint64_t next_random(uint64_t *state);
float *numbers(ptrdiff_t count, int shift, uint64_t seed, float scale);
/// The same as operands of products: words of one float32 or two bfloat16.
ck_word *operand_words(ck_precision precision, ptrdiff_t count, int shift, uint64_t seed);
/// Rows of random numbers with room between them, zero there.
ck_operand operand(ck_precision precision, ptrdiff_t rows, ptrdiff_t columns, int shift, uint64_t seed, float scale);
/// All numbers of such an operand, the room between its rows included, as float32. Returns how many.
ptrdiff_t widened(ck_operand x, ptrdiff_t rows, float **to);

/// Says what is compared from here on, for the line that a disagreement prints.
void subject(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Each ends the program where `found` is not `expected`: by more than `absolute` and `relative` times the expected size
/// (NaN only agrees with NaN), or in any bit of numbers of `size` bytes.
void agree(const char *what, const float *found, const float *expected, ptrdiff_t count, float absolute, float relative);
void agree_exactly(const char *what, const void *found, const void *expected, ptrdiff_t count, int size);

/// A table and the scalar one: each check runs the first and expects what the second computes.
typedef const ck_kernels *const *tables;
/// `n`: how many numbers, words, rows or hidden units. `shift`: how far all memory is misaligned.
typedef void check(tables pair, ck_precision precision, ptrdiff_t n, int shift);
check check_tile, check_tile_int8, check_pack, check_pack_float32, check_lstm_forward, check_lstm_backward;

/// Each compares a table with the scalar one; returns how many entries, or operations, were compared.
int compare_kernels(const ck_kernels *table);
int compare_operations(const ck_kernels *table);

#endif
