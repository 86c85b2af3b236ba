// What the comparisons share: memory, numbers and the verdict.
#ifndef CHARGEN_TWINS_H
#define CHARGEN_TWINS_H

#include "chargen_kernels.h"

enum {
  /// Numbers after the end of each array that are compared too: nothing may write there.
  margin = 8,
  /// Parts that a result has at most.
  most_parts = 20,
};

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

/// What was computed, as float32, to be compared later.
typedef struct result {
  int count;
  struct part {
    const char *name;
    const float *numbers;
    ptrdiff_t count;
    ck_precision precision;  // what the numbers were rounded to
  } parts[most_parts];
} result;

/// Each adds a copy of the numbers as they are now; of an operand, those between its rows too.
void add_part(result *r, const char *name, const float *values, ptrdiff_t count);
void add_operand(result *r, const char *name, ck_operand x, ptrdiff_t rows);

/// What a recurrent layer of random numbers is to be like.
typedef struct recipe {
  ck_cell kind;
  ck_precision precision;
  ck_activation activation, gate_activation;
  int masked, dropped, tokens, normalized;
  int product_gates;
  ptrdiff_t N, H, T;
} recipe;

/// Activations of states and of gates: the usual ones first, and each that there is on both sides.
enum { choice_count = 5 };
extern const ck_activation choices[choice_count][2];

/// A layer without weights; the same numbers for the same seed.
ck_recurrent make_layer(const recipe *r, int shift, uint64_t seed);
/// Adds all that a pass over `steps` steps could write.
void add_layer(result *to, const ck_recurrent *s, ptrdiff_t steps);
/// Packs a layer's kernels, [H, product_gates*H] and [H, H], for the way forward or back; forward, it also takes the scratch
/// memory of normalized products.
void set_weights(ck_team *team, const ck_kernels *kernels, ck_recurrent *s, const float *recurrent, const float *other,
                 int backward);

/// A table and the scalar one: each check runs the first and expects what the second computes.
typedef const ck_kernels *const *tables;
/// `n`: how many numbers, words, rows or hidden units. `shift`: how far all memory is misaligned.
typedef void check(tables pair, ck_precision precision, ptrdiff_t n, int shift);
check check_tile, check_tile_int8, check_pack, check_pack_float32;
check check_lstm_forward, check_gru_forward, check_reset_before_forward, check_simple_rnn_forward, check_candidate;
check check_lstm_backward, check_gru_backward, check_reset_before_backward, check_simple_rnn_backward;
check check_candidate_backward, check_activate, check_differentiate, check_dropout;
check check_mlstm_forward, check_mlstm_backward, check_multiply, check_multiply_backward;
check check_moments, check_normalize, check_normalize_backward;

/// An operation that is compared for each of its sizes and for as many variants as it has. `kind` is a ck_cell where
/// there are several. What no table's lanes change, the operation's function checks by itself.
typedef struct operation operation;
typedef result run_operation(ck_team *team, const ck_kernels *kernels, const operation *o, int variant,
                             const ptrdiff_t *size);
struct operation {
  const char *name;
  run_operation *run;
  int precision, kind, variants;
  const ptrdiff_t (*sizes)[3];
  float tolerance;
};
run_operation run_recurrent, run_activate, run_differentiate, run_softmax, run_differentiate_softmax, run_dropout;
/// The losses of ck_losses: so many combinations of targets, weights, hits and gradients.
enum { loss_variants = 16 };
run_operation run_losses;

/// Each compares a table with the scalar one; returns how many entries, or operations, were compared.
int compare_kernels(const ck_kernels *table);
int compare_operations(const ck_kernels *table);
/// Compares the recurrent layers of a table with what their formulas give in double; returns how many kinds.
int compare_with_formulas(const ck_kernels *table);

#endif
