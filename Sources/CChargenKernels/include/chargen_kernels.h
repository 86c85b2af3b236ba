// The C side of chargen: hot loops over memory, nothing else.
//
// Letters: T time steps, N batch, H hidden units, V vocabulary; M, N, K the sizes of a product. All matrices are
// row-major; [R, C] means R rows of C columns. Nothing here allocates in a loop, and no function checks shapes: the
// Swift module ChargenTensor, the only caller, does.
//
// Products read their operands in words of 32 bits. A word holds one float32, or two bfloat16 that follow each other
// along the summed dimension, or four int8 that do: so one driver serves all precisions, and only packing and the
// innermost tile know what is in a word. Sums are float32 (int32 for int8).
#ifndef CHARGEN_KERNELS_H
#define CHARGEN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "chargen_memory.h"
#include "chargen_team.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets, each with a kernel table of its own.
typedef enum ck_isa {
  CK_ISA_SCALAR = 0,
  CK_ISA_AVX2 = 1,
  CK_ISA_AVX512 = 2,
  CK_ISA_AVX512BF16 = 3,
  CK_ISA_NEON = 4,
} ck_isa;

/// What the operands of products hold.
typedef enum ck_precision {
  CK_FLOAT32 = 0,
  CK_BFLOAT16 = 1,
} ck_precision;

/// Bits of 32 that a product reads at once; see above.
typedef uint32_t __attribute__((may_alias)) ck_word;
typedef uint16_t __attribute__((may_alias)) ck_half;

enum {
  CK_PRECISIONS = 2,
  /// Vectors side by side in one packed panel.
  CK_PANEL_VECTORS = 2,
  /// Gates of an LSTM.
  CK_LSTM_GATES = 4,
  // Upper bounds over all instruction sets, for buffers on the stack.
  CK_MAX_LANES = 16,
  CK_MAX_TILE_ROWS = 14,
  CK_MAX_PANEL = CK_PANEL_VECTORS * CK_MAX_LANES,
  CK_MAX_PRODUCT = CK_MAX_TILE_ROWS * CK_LSTM_GATES * CK_MAX_LANES,  // of a tile's rows with all gates of a vector of units
  /// Words between the rows of a left side's packed tile.
  CK_TILE_STEP = 16,
};

/// A row-major matrix in the precision of products. Rows begin `stride` numbers apart; in bfloat16 the stride is even
/// and the number after a row of odd length is zero.
typedef struct ck_operand {
  ck_precision precision;
  void *data;
  ptrdiff_t stride;
} ck_operand;

/// One LSTM layer over T steps of N sequences. Gate order i, f, g, o. Step t reads row block t of `hidden` and `cell`
/// and writes row block t + 1, so block 0 is the initial state and block T the final one.
typedef struct ck_lstm {
  ptrdiff_t N, H;
  /// Steps [first, last) are run; the others are left alone.
  ptrdiff_t first, last;
  /// Input part of the pre-activations: row r of step t is
  /// `input + 4H * (tokens ? tokens[t * N + r] : (t - input_first) * N + r)`.
  const float *input;     // [V or steps*N, 4H]
  const int32_t *tokens;  // [T*N] or NULL
  ptrdiff_t input_first;
  const float *bias;       // [4H]
  const ck_word *recurrent;  // packed: by ck_pack_gates (forward), by ck_pack of the transpose [4H, H] (backward)
  /// [T*N, 4H] activated gates, written forward; backward the gradient of the pre-activations takes their place.
  ck_operand gates;
  ck_operand hidden;  // [(T+1)*N, H]
  float *cell;        // [(T+1)*N, H]
  // Backward only.
  const float *d_output;  // [T*N, H] gradient of the outputs
  float *d_hidden;        // [N, H] in: gradient of the final hidden state; out: of the initial one
  float *d_cell;          // [N, H] in: gradient of the final cell state; out: of the initial one
  /// Nanoseconds that the first member spent in products and in tails are added here, where it is not NULL.
  double *times;  // [2]
} ck_lstm;

/// One Adam step's constants. `scale` multiplies every gradient first (clipping by norm), then the result is limited to
/// [-limit, limit] (clipping by value).
typedef struct ck_adam {
  float learning_rate, beta1, beta2, epsilon;
  /// 1 - beta1^t and sqrt(1 - beta2^t).
  float correction1, correction2;
  float scale, limit;
} ck_adam;

/// c [m, panel] = init + a [m, words] * b [words, panel], plus c where `accumulate`. Word p of row i of `a` is
/// a[i * a_row + p * a_step]; `b` is one packed panel; `init` is one row of a panel's width or NULL for zero.
typedef void ck_tile(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step, const ck_word *b,
                     const float *init, float *c, ptrdiff_t c_row, int accumulate);
/// The fused tail of one step for rows [row, row + m). Forward: for the `lanes` hidden units of unit block `block`,
/// `product` [m, 4 * lanes] holding h * recurrent for them, gate by gate. Backward: for the panel's width of units of
/// panel `block`, `product` [m, panel] holding the hidden gradient that came through time.
typedef void ck_lstm_tail(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t block, const float *product);
/// Packs `lanes` columns (`count` of them there, the rest zero) of k rows into ceil(k / numbers in a word) words of
/// `lanes` columns each; rows of `to` lie `to_step` words apart.
typedef void ck_pack_columns(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to,
                             ptrdiff_t to_step);

/// The kernels of one instruction set. Every entry has a twin in the scalar table that computes the same. Arrays are
/// indexed by ck_precision.
typedef struct ck_kernels {
  const char *name;
  int lanes;      // words in a vector; a packed panel is CK_PANEL_VECTORS * lanes wide
  int tile_rows;  // rows a product tile takes at most
  /// Whether the instruction set multiplies bfloat16, and bytes, without taking them apart first.
  int has_bfloat16, has_int8;

  ck_tile *tile[CK_PRECISIONS];
  /// c [m, panel] = a [m, words] * b [words, panel] of unsigned (a) and signed (b) bytes, four to a word.
  void (*tile_int8)(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, const ck_word *b, int32_t *c,
                    ptrdiff_t c_row);
  /// Packing from rows of operands of the same precision, and from rows of float32.
  ck_pack_columns *pack[CK_PRECISIONS], *pack_float32[CK_PRECISIONS];
  ck_lstm_tail *lstm_forward[CK_PRECISIONS], *lstm_backward[CK_PRECISIONS];
  /// Rounds n float32 to bfloat16, to the nearest, ties to even.
  void (*to_bfloat16)(ptrdiff_t n, const float *from, ck_half *to);
  /// Rounds n numbers x of [-1, 1] to sixteen bits, 32767 x + 32768, the upper and the lower byte apart.
  void (*to_bytes)(ptrdiff_t n, const float *from, uint8_t *upper, uint8_t *lower);
  /// The products of such numbers with bytes from those of their upper and lower bytes: with the sum of each column's
  /// weights, scales * (256 * (upper - 128 * sums) + lower).
  void (*join_bytes)(ptrdiff_t n, const int32_t *upper, const int32_t *lower, const int32_t *sums, const float *scales,
                     float *to);
  /// Negative log-likelihood of `target` in nats. Where `gradient` is not NULL it gets scale * (softmax - onehot),
  /// and the logits are overwritten.
  float (*softmax_cross_entropy[CK_PRECISIONS])(ptrdiff_t v, float *logits, int32_t target, float scale,
                                                void *gradient);
  /// weights = exp((logits - maximum) * factor); returns their sum. NaN where a logit is.
  float (*softmax_weights)(ptrdiff_t v, const float *logits, float factor, float *weights);
  /// y += x.
  void (*add[CK_PRECISIONS])(ptrdiff_t n, const void *x, float *y);
  /// y += alpha * x.
  void (*axpy)(ptrdiff_t n, float alpha, const float *x, float *y);
  /// Sum of x * y.
  float (*dot)(ptrdiff_t n, const float *x, const float *y);
  void (*adam)(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v);
  /// p -= rate * clamp(scale * g, -limit, limit).
  void (*sgd)(ptrdiff_t n, float rate, float scale, float limit, const float *g, float *p);
} ck_kernels;

/// The table for `isa`, or NULL where this processor or operating system does not offer it.
const ck_kernels *ck_kernels_for(ck_isa isa);
/// The widest instruction set that this machine offers.
ck_isa ck_best_isa(void);

/// Whether this processor multiplies bfloat16 faster than float32. The same on every processor of a kind: results depend
/// on it.
int ck_prefers_bfloat16(const ck_kernels *kernels);

/// Words that k numbers along the summed dimension take.
static inline ptrdiff_t ck_words(ck_precision precision, ptrdiff_t k) {
  return precision == CK_BFLOAT16 ? (k + 1) / 2 : k;
}

/// Words a packed matrix of k rows and n columns takes.
ptrdiff_t ck_packed_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t n);
/// Packs b [k, n], float32, read as b[i * row + j * column] with one of the two strides 1, into panels: panel, then
/// word, then column.
void ck_pack(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t n,
             const float *b, ptrdiff_t row, ptrdiff_t column, ck_word *packed);
/// Words that ck_pack_gates writes.
ptrdiff_t ck_packed_gates_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h);
/// Packs the four gates' columns of b [k, 4H], float32, so that two panels hold all gates of `lanes` units.
void ck_pack_gates(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h,
                   const float *b, ck_word *packed);

/// c [m, n] = bias + a [m, k] * b; b packed by ck_pack in a's precision; `bias` is [n] or NULL.
void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a,
                const ck_word *packed, const float *bias, float *c);
/// Words of scratch memory that ck_transposed_product wants.
ptrdiff_t ck_transposed_product_scratch(const ck_team *team);
/// c [m, n] = a [k, m] transposed * b [k, n], both of one precision.
void ck_transposed_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                           ck_operand a, ck_operand b, ck_word *scratch, float *c);

void ck_lstm_forward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s);
void ck_lstm_backward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s);

/// to [rows, columns] = from, float32 with rows of `columns`, in the precision of `to`.
void ck_convert(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, const float *from,
                ck_operand to);
/// Loss of each of `rows` rows of logits [rows, V], and, where gradient.data is not NULL, their gradient (see the
/// kernel above).
void ck_softmax_cross_entropy(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t v, float *logits,
                              const int32_t *targets, float scale, ck_operand gradient, float *losses);
/// sums [columns] = the column sums of x [rows, columns].
void ck_column_sums(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                    float *sums);
/// table [V, columns] = 0, then table[tokens[r]] += x[r] for every row r in order; x [rows, columns].
void ck_scatter(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                const int32_t *tokens, ptrdiff_t v, float *table);
/// Sum of squares, the same bits for every number of threads. `partial` has room for ck_partial_count(n) numbers.
double ck_sum_of_squares(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const float *x, double *partial);
ptrdiff_t ck_partial_count(ptrdiff_t n);
void ck_adam_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_adam *o, const float *g, float *p,
                  float *m, float *v);
void ck_sgd_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, float rate, float scale, float limit,
                 const float *g, float *p);

/// Multiplies tiles that lie in the nearest cache, `repetitions` times on every member; returns the operations that were
/// done. The time it takes is the least that any product could take.
double ck_peak(ck_team *team, const ck_kernels *kernels, ck_precision precision, int repetitions);

#ifdef __cplusplus
}
#endif
#endif
