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
/// A row of bfloat16 may begin in the middle of one.
typedef uint32_t __attribute__((may_alias, aligned(2))) ck_word;
typedef uint16_t __attribute__((may_alias)) ck_half;

enum {
  CK_PRECISIONS = 2,
  /// Vectors side by side in one packed panel.
  CK_PANEL_VECTORS = 2,
  /// The most gates that a cell's product with its last state has.
  CK_MAX_GATES = 4,
  // Upper bounds over all instruction sets, for buffers on the stack.
  CK_MAX_LANES = 16,
  CK_MAX_TILE_ROWS = 14,
  CK_MAX_PANEL = CK_PANEL_VECTORS * CK_MAX_LANES,
  CK_MAX_PRODUCT = CK_MAX_TILE_ROWS * 3 * CK_MAX_PANEL,  // of a tile's rows with all gates of a block of units
  /// Words between the rows of a left side's packed tile.
  CK_TILE_STEP = 16,
};

/// A row-major matrix in the precision of products. Rows begin `stride` numbers apart; in bfloat16 the stride is even
/// and the number after a row of odd length is zero. A product over an odd number of a row's columns reads the number after
/// them, times a weight of zero: it must be there, and finite.
typedef struct ck_operand {
  ck_precision precision;
  void *data;
  ptrdiff_t stride;
} ck_operand;

/// Functions that give a layer's outputs; the derivative of each follows from its value.
typedef enum ck_activation {
  CK_LINEAR = 0,
  CK_SIGMOID = 1,
  CK_HARD_SIGMOID = 2,  // x / 6 + 1 / 2, limited to [0, 1]
  CK_TANH = 3,
  CK_RELU = 4,
} ck_activation;

/// Kinds of recurrent cells. `s` stands for the gates' activation, `a` for the other, h and c for the state before the
/// step, * for products number by number; x.. is the input's part of a pre-activation with its bias.
typedef enum ck_cell {
  /// i, f, o = s(x + U h); g = a(x + U h); c' = f * c + i * g; h' = o * a(c').
  CK_LSTM = 0,
  /// z, r = s(x + U h + v); n = a(x + r * (U h + v)); h' = z * h + (1 - z) * n; v is the recurrent bias.
  CK_GRU = 1,
  /// z, r = s(x + U h); n = a(x + U' (r * h)); h' = z * h + (1 - z) * n.
  CK_GRU_RESET_BEFORE = 2,
  /// h' = a(x + U h).
  CK_SIMPLE_RNN = 3,
  CK_CELLS = 4,
} ck_cell;

/// What a kind of cell has for each unit.
typedef struct ck_cell_facts {
  /// Numbers of the input's part of the pre-activations. LSTM: i, f, g, o; GRU: n, z, r; simple RNN: one.
  int inputs;
  /// Numbers of the product with the last state. LSTM: i, f, g, o; GRU: z, r, n; reset before: z, r; simple RNN: one.
  int gates;
  /// Numbers in `gates` of ck_recurrent. The gradient of the input's part are the first `inputs` of them; that of the
  /// product with the last state begin at number `first_gate`.
  int slots, first_gate;
} ck_cell_facts;

static inline ck_cell_facts ck_facts(ck_cell cell) {
  switch (cell) {
    case CK_GRU: return (ck_cell_facts){.inputs = 3, .gates = 3, .slots = 4, .first_gate = 1};
    case CK_GRU_RESET_BEFORE: return (ck_cell_facts){.inputs = 3, .gates = 2, .slots = 3, .first_gate = 1};
    case CK_SIMPLE_RNN: return (ck_cell_facts){.inputs = 1, .gates = 1, .slots = 1, .first_gate = 0};
    default: return (ck_cell_facts){.inputs = 4, .gates = 4, .slots = 4, .first_gate = 0};
  }
}

/// One recurrent layer over T steps of N sequences. Step t reads row block t of `hidden` and `cell` and writes row block
/// t + 1, so block 0 is the initial state and block T the final one. G and S are the cell's `inputs` and `slots`.
typedef struct ck_recurrent {
  ck_cell kind;
  ck_activation activation, gate_activation;
  ptrdiff_t N, H;
  /// Steps [first, last) are run; the others are left alone.
  ptrdiff_t first, last;
  /// Input part of the pre-activations: row r of step t is
  /// `input + G*H * (tokens ? tokens[t * N + r] : (t - input_first) * N + r)`.
  const float *input;     // [V or steps*N, G*H]
  const int32_t *tokens;  // [T*N] or NULL
  ptrdiff_t input_first;
  const float *bias;            // [G*H] in the order of the inputs
  const float *recurrent_bias;  // [3H] of CK_GRU, in the order of the gates
  /// [T*N], or NULL for all: a step whose number is zero leaves its sequence's state alone.
  const uint8_t *mask;
  /// [N, H], or NULL: what the product with the last state takes that state times.
  const float *dropout;
  ck_operand dropped;  // [(T+1)*N, H] where there is dropout: the states times it
  /// Forward: packed by ck_pack_gates. Backward: by ck_pack of the transpose [gates*H, H].
  const ck_word *recurrent;
  /// CK_GRU_RESET_BEFORE: U' [H, H], packed by ck_pack_gates with one gate, or its transpose by ck_pack.
  const ck_word *candidate;
  /// Gates that the product has for each unit: those of the cell, or one more, of CK_GRU, for the input's part of n.
  int product_gates;
  /// [T*N, S*H], written forward: LSTM: activated gates; GRU: n, z, r and (not reset before) the product that r
  /// multiplies; simple RNN: nothing. Backward the gradients of the pre-activations take their place: of the inputs' and,
  /// from slot first_gate on, of the product with the last state.
  ck_operand gates;
  ck_operand hidden;  // [(T+1)*N, H]
  ck_operand reset;   // [T*N, H], CK_GRU_RESET_BEFORE: r * h
  /// [(T+1)*N, H]. LSTM: the cell state; GRU in bfloat16: the hidden state as it was before it was rounded.
  float *cell;
  // Backward only.
  const float *d_output;  // [T*N, H] gradient of the outputs
  float *d_hidden;        // [N, H] in: gradient of the final hidden state; out: of the initial one
  float *d_cell;          // [N, H] of the LSTM's cell state, likewise
  /// Nanoseconds that the first member spent in products and in tails are added here, where it is not NULL.
  double *times;  // [2]
} ck_recurrent;

/// Vectors of units that a block of packed gates holds of each gate: one where that fills whole panels, else two.
static inline int ck_gate_vectors(int gates) { return gates % CK_PANEL_VECTORS == 0 ? 1 : CK_PANEL_VECTORS; }

/// One Adam step's constants. `scale` multiplies every gradient first (clipping by norm), then the result is limited to
/// [-limit, limit] (clipping by value).
typedef struct ck_adam {
  float learning_rate, beta1, beta2, epsilon;
  /// 1 - beta1^t and sqrt(1 - beta2^t).
  float correction1, correction2;
  float scale, limit;
  /// Parameters are multiplied by 1 - decay before the update: the learning rate times the weight decay, 0 for none
  /// (decoupled weight decay; Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019).
  float decay;
} ck_adam;

/// One SGD step's constants. Gradients are clipped by `scale` and `limit` as in ck_adam.
typedef struct ck_sgd {
  float learning_rate, momentum, scale, limit;
} ck_sgd;

/// Functions that measure how far the outputs of one row are from the row's target.
typedef enum ck_loss {
  /// -sum of y log softmax(x), in nats. A prediction is right where the first largest output is at the class, or at
  /// the first largest target.
  CK_SOFTMAX_CROSS_ENTROPY = 0,
  /// The mean over the columns of -y log s(x) - (1 - y) log (1 - s(x)), s being the sigmoid, in nats. A prediction is
  /// right where x > 0 in exactly the columns where y > 1/2.
  CK_SIGMOID_CROSS_ENTROPY = 1,
  /// The mean over the columns of (x - y)^2. No prediction counts as right.
  CK_SQUARED_ERROR = 2,
} ck_loss;

/// The losses of a batch of rows. A row with weight zero has no loss, no hit and a gradient of zero, and its outputs,
/// class and targets are not read (they may be NaN).
typedef struct ck_losses {
  ck_loss loss;
  ptrdiff_t rows, columns;
  /// [rows, columns] x: logits of the cross-entropies, predictions of the squared error. Overwritten where there is a
  /// gradient.
  float *outputs;
  const int32_t *classes;  // [rows], or NULL: the row's target is 1 in the column of its class and 0 elsewhere
  const float *targets;    // [rows, columns] y, where `classes` is NULL
  const float *weights;    // [rows], or NULL for ones
  /// The gradient is scale * weight * d(row loss) / d(outputs).
  float scale;
  ck_operand gradient;  // [rows, columns], or data NULL for none; in float32 it may be the memory of `outputs`
  float *losses;        // [rows] weight * row loss
  float *hits;          // [rows], or NULL: 1 where the prediction is right, else 0
} ck_losses;

/// c [m, panel] = init + a [m, words] * b [words, panel], plus c where `accumulate`. Word p of row i of `a` is
/// a[i * a_row + p * a_step]; `b` is one packed panel; `init` is one row of a panel's width or NULL for zero.
typedef void ck_tile(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step, const ck_word *b,
                     const float *init, float *c, ptrdiff_t c_row, int accumulate);
/// The fused tail of one step for rows [row, row + m). Forward: for the units of block `block`, `product`
/// [m, gates * vectors * lanes] holding the state times the recurrent kernel for them, gate by gate (vectors as in
/// ck_gate_vectors). Backward: for the panel's width of units of panel `block`, `product` [m, panel] holding what came
/// through the product, of which nothing has at the last step.
typedef void ck_tail(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t block, const float *product);
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
  ck_tail *forward[CK_CELLS][CK_PRECISIONS], *backward[CK_CELLS][CK_PRECISIONS];
  /// CK_GRU_RESET_BEFORE: after the product of r * h with U', and, backward, after that of its gradient.
  ck_tail *candidate[CK_PRECISIONS], *candidate_backward[CK_PRECISIONS];
  /// x = activation(x).
  void (*activate)(ptrdiff_t n, ck_activation activation, float *x);
  /// gradient *= the activation's derivative where its value is y.
  void (*differentiate)(ptrdiff_t n, ck_activation activation, const float *y, float *gradient);
  /// to[j] = keep[j] ? from[j] * scale : 0, where keep[j] is drawn from `seed` and the number first + j: a draw below
  /// `threshold` of 2^32 drops. The same for every instruction set.
  void (*dropout[CK_PRECISIONS])(ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                                 const void *from, void *to);
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
  /// weights = exp((logits - maximum) * factor), where `weights` is not NULL; returns their sum. NaN where a logit is.
  float (*softmax_weights)(ptrdiff_t v, const float *logits, float factor, float *weights);
  /// y += x.
  void (*add[CK_PRECISIONS])(ptrdiff_t n, const void *x, float *y);
  /// y += alpha * x.
  void (*axpy)(ptrdiff_t n, float alpha, const float *x, float *y);
  /// Sum of x * y.
  float (*dot)(ptrdiff_t n, const float *x, const float *y);
  void (*adam)(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v);
  /// With d = clamp(scale * g, -limit, limit): p -= learning_rate * d where v is NULL, else v = momentum * v + d and
  /// p -= learning_rate * v.
  void (*sgd)(ptrdiff_t n, const ck_sgd *o, const float *g, float *p, float *v);
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
ptrdiff_t ck_packed_gates_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h, int gates);
/// Packs the columns of b [k, gates*H], float32, block by block of ck_gate_vectors(gates) vectors of units, so that whole
/// panels hold all gates of a block's units.
void ck_pack_gates(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h,
                   int gates, const float *b, ck_word *packed);

/// c [m, n] = bias + a [m, k] * b; b packed by ck_pack in a's precision; `bias` is [n] or NULL.
void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a,
                const ck_word *packed, const float *bias, float *c);
/// Words of scratch memory that ck_transposed_product wants.
ptrdiff_t ck_transposed_product_scratch(const ck_team *team);
/// c [m, n] = a [k, m] transposed * b [k, n], both of one precision.
void ck_transposed_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                           ck_operand a, ck_operand b, ck_word *scratch, float *c);

void ck_recurrent_forward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s);
void ck_recurrent_backward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s);

/// to [rows, columns] = from, float32 with rows of `columns`, in the precision of `to`.
void ck_convert(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, const float *from,
                ck_operand to);
/// x [rows, columns] = activation(x).
void ck_activate(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_activation activation,
                 float *x);
/// gradient [n] *= the activation's derivative where its value is y [n].
void ck_differentiate(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, ck_activation activation, const float *y,
                      float *gradient);
/// x [rows, columns] = the softmax of each row.
void ck_softmax(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, float *x);
/// gradient [rows, columns] = y * (gradient - the row's sum of gradient * y): the gradient of the softmax's inputs from
/// that of its values y [rows, columns].
void ck_differentiate_softmax(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns,
                              const float *y, float *gradient);
/// to [rows, columns] = from with some numbers dropped and the others times `scale`; see the kernel above. Rows r and
/// r + period are dropped alike. Both sides of one precision; they may be the same.
void ck_dropout(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t period,
                uint64_t seed, uint32_t threshold, float scale, ck_operand from, ck_operand to);
/// Computes the losses of all rows, and their gradients and hits where they are asked for.
void ck_compute_losses(ck_team *team, const ck_kernels *kernels, const ck_losses *s);
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
/// `v` is NULL for SGD without momentum.
void ck_sgd_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_sgd *o, const float *g, float *p,
                 float *v);

/// Multiplies tiles that lie in the nearest cache, `repetitions` times on every member; returns the operations that were
/// done. The time it takes is the least that any product could take.
double ck_peak(ck_team *team, const ck_kernels *kernels, ck_precision precision, int repetitions);

#ifdef __cplusplus
}
#endif
#endif
