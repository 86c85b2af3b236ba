// The compute kernels of chargen and the operations built from them.
//
// Letters: T is the number of time steps, N the batch size, H the number of hidden units, V the size of the vocabulary;
// M, N and K are the sizes of a product. All matrices are row-major; [R, C] means R rows of C columns. No function
// allocates memory in a loop, and no function checks shapes: the only caller, the Swift module ChargenTensor, checks them.
//
// Products read their operands in words of 32 bits. A word holds one float32, or two bfloat16 or four int8 that are
// consecutive along the summed dimension. Therefore one driver serves all precisions, and only packing and the innermost
// tile depend on the contents of a word. Sums are float32 (int32 for int8).
#ifndef CHARGEN_KERNELS_H
#define CHARGEN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "chargen_memory.h"
#include "chargen_team.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The instruction sets. Each has its own table of kernels.
typedef enum ck_isa {
  CK_ISA_SCALAR = 0,
  CK_ISA_AVX2 = 1,
  CK_ISA_AVXVNNI = 2,     // AVX2 with products of bytes
  CK_ISA_AVX512 = 3,
  CK_ISA_AVX512VNNI = 4,  // with products of bytes
  CK_ISA_AVX512BF16 = 5,  // with products of bytes and of bfloat16
  CK_ISA_NEON = 6,
  CK_ISA_NEONDOT = 7,     // with products of bytes
  CK_ISAS = 8,
} ck_isa;

/// The number format of the operands of products.
typedef enum ck_precision {
  CK_FLOAT32 = 0,
  CK_BFLOAT16 = 1,
} ck_precision;

/// The 32 bits that a product reads at once; see above. A row of bfloat16 may begin in the middle of a word.
typedef uint32_t __attribute__((may_alias, aligned(2))) ck_word;
typedef uint16_t __attribute__((may_alias)) ck_half;

enum {
  CK_PRECISIONS = 2,
  /// Number of vectors side by side in one packed panel.
  CK_PANEL_VECTORS = 2,
  /// The largest number of gates in a cell's product with its previous state.
  CK_MAX_GATES = 4,
  /// The largest number of slots of a cell.
  CK_MAX_SLOTS = 6,
  // Upper bounds over all instruction sets; they size buffers on the stack.
  CK_MAX_LANES = 16,
  CK_MAX_TILE_ROWS = 14,
  CK_MAX_PANEL = CK_PANEL_VECTORS * CK_MAX_LANES,
  CK_MAX_PRODUCT = CK_MAX_TILE_ROWS * 3 * CK_MAX_PANEL,  // a tile's rows times all gates of a block of units
  /// Distance in words between the rows of a packed tile of a left operand.
  CK_TILE_STEP = 16,
};

/// A row-major matrix in the precision of products. Rows begin `stride` numbers apart. In bfloat16 the stride is even and
/// the number after a row of odd length is zero. A product over an odd number of columns also reads the number after them
/// and multiplies it by a weight of zero; that number must exist and be finite.
typedef struct ck_operand {
  ck_precision precision;
  void *data;
  ptrdiff_t stride;
} ck_operand;

/// Activation functions. The derivative of each is computed from its value.
typedef enum ck_activation {
  CK_LINEAR = 0,
  CK_SIGMOID = 1,
  CK_HARD_SIGMOID = 2,  // x / 6 + 1 / 2, limited to [0, 1]
  CK_TANH = 3,
  CK_RELU = 4,
} ck_activation;

/// The kinds of recurrent cells. In the formulas, s is the activation of the gates, a is the activation of the candidate
/// state, h and c are the hidden and cell state before the step, h' and c' those after it, * is the element-wise product,
/// and x is the input's part of the pre-activation, bias included.
typedef enum ck_cell {
  /// i, f, o = s(x + U h); g = a(x + U h); c' = f * c + i * g; h' = o * a(c').
  CK_LSTM = 0,
  /// z, r = s(x + U h + v); n = a(x + r * (U h + v)); h' = z * h + (1 - z) * n; v is the recurrent bias.
  CK_GRU = 1,
  /// z, r = s(x + U h); n = a(x + U' (r * h)); h' = z * h + (1 - z) * n.
  CK_GRU_RESET_BEFORE = 2,
  /// h' = a(x + U h).
  CK_SIMPLE_RNN = 3,
  /// The multiplicative LSTM (Krause, Lu, Murray and Renals, "Multiplicative LSTM for sequence modelling", 2016): an LSTM
  /// whose gates read the intermediate state m = x_m * (U' h) instead of h: i, f, o = s(x + U m); g = a(x + U m).
  CK_MLSTM = 4,
  CK_CELLS = 5,
} ck_cell;

/// The sizes of a kind of cell, per hidden unit.
typedef struct ck_cell_facts {
  /// Number of numbers that the input contributes. LSTM: i, f, g, o; GRU: n, z, r; simple RNN: one; mLSTM: i, f, g, o, m.
  int inputs;
  /// Number of outputs of the product with the previous state, or with the intermediate state of an mLSTM. LSTM and
  /// mLSTM: i, f, g, o; GRU: z, r, n; reset before: z, r; simple RNN: one.
  int gates;
  /// Number of values stored in `gates` of ck_recurrent. After the backward pass the first `inputs` slots hold the
  /// gradient of the input's part, and the slots from `first_gate` on hold that of the product with the previous state.
  int slots, first_gate;
} ck_cell_facts;

static inline ck_cell_facts ck_facts(ck_cell cell) {
  switch (cell) {
    case CK_GRU: return (ck_cell_facts){.inputs = 3, .gates = 3, .slots = 4, .first_gate = 1};
    case CK_GRU_RESET_BEFORE: return (ck_cell_facts){.inputs = 3, .gates = 2, .slots = 3, .first_gate = 1};
    case CK_SIMPLE_RNN: return (ck_cell_facts){.inputs = 1, .gates = 1, .slots = 1, .first_gate = 0};
    case CK_MLSTM: return (ck_cell_facts){.inputs = 5, .gates = 4, .slots = 6, .first_gate = 0};
    default: return (ck_cell_facts){.inputs = 4, .gates = 4, .slots = 4, .first_gate = 0};
  }
}

/// One recurrent layer over T steps of N sequences. Step t reads row block t of `hidden` and `cell` and writes row block
/// t + 1, so block 0 is the initial state and block T the final state. G and S are the cell's `inputs` and `slots`.
typedef struct ck_recurrent {
  ck_cell kind;
  ck_activation activation, gate_activation;
  ptrdiff_t N, H;
  /// The pass runs the steps [first, last) and does not touch the others.
  ptrdiff_t first, last;
  /// The input's part of the pre-activations: row r of step t is
  /// `input + G*H * (tokens ? tokens[t * N + r] : (t - input_first) * N + r)`.
  const float *input;     // [V or steps*N, G*H]
  const int32_t *tokens;  // [T*N] or NULL
  ptrdiff_t input_first;
  const float *bias;            // [G*H] in the order of the inputs
  const float *recurrent_bias;  // [3H] in the order of the gates; CK_GRU only
  /// [T*N], or NULL where there is no padding: a step with mask 0 is padding and does not change its sequence's state.
  const uint8_t *mask;
  /// [N, H], or NULL: the recurrent dropout's factors, by which the state is multiplied before the product.
  const float *dropout;
  ck_operand dropped;  // [(T+1)*N, H] where there is dropout: the states times those factors
  /// The recurrent kernel. Forward: packed by ck_pack_gates. Backward: its transpose [gates*H, H], packed by ck_pack.
  const ck_word *recurrent;
  /// CK_GRU_RESET_BEFORE, CK_MLSTM: U' [H, H], packed by ck_pack_gates with one gate; backward its transpose, packed by
  /// ck_pack.
  const ck_word *second;
  /// Number of gates in the product, per unit: those of the cell; in CK_GRU optionally one more, for the input's part of n.
  int product_gates;
  /// [T*N, S*H]. The forward pass writes: LSTM: the activated gates; GRU: n, z, r and (not reset before) the product that
  /// r multiplies; simple RNN: nothing; mLSTM: the activated gates, U' h and x_m. The backward pass
  /// overwrites them with the gradients of the pre-activations: those of the inputs and, from slot first_gate on, those of
  /// the product with the previous state. Slot 5 of an mLSTM holds the gradient of U' h.
  ck_operand gates;
  ck_operand hidden;  // [(T+1)*N, H]
  ck_operand intermediate;  // [T*N, H], the left operand of one product: CK_GRU_RESET_BEFORE: r * h; CK_MLSTM: m
  /// [(T+1)*N, H]. LSTM and mLSTM: the cell state; GRU in bfloat16: the hidden state before rounding.
  float *cell;
  /// The layer normalization of the product U h (U m of an mLSTM), over all gates of a row together (Ba, Kiros and Hinton,
  /// "Layer Normalization", 2016, eq. 4, without a bias): p = gain * (U h - mean) / sqrt(variance + epsilon). Not for
  /// CK_GRU_RESET_BEFORE.
  const float *gain;  // [gates*H] in the order of the gates, or NULL for no normalization; the fields below are then unused
  float epsilon;
  float *raw;             // scratch memory of ck_recurrent_scratch numbers: products before the normalization; forward only
  ck_operand normalized;  // [T*N, gates*H] the normalized products before the gain; data NULL: not stored
  float *deviations;      // [T*N] 1 / sqrt(variance + epsilon) of each row; NULL where `normalized` is not stored
  ck_operand d_product;   // [T*N, gates*H] backward: the gradients of the products
  // Backward only.
  const float *d_output;  // [T*N, H] gradient of the outputs
  float *d_hidden;        // [N, H] in: gradient of the final hidden state; out: gradient of the initial hidden state
  float *d_cell;          // [N, H] the same for the cell state of an LSTM or mLSTM
  /// If it is not NULL, the nanoseconds that the first member spent in products and in tails are added to it.
  double *times;  // [2]
} ck_recurrent;

/// Number of vectors of units per gate in a block of packed gates: one where that fills whole panels, else two.
static inline int ck_gate_vectors(int gates) { return gates % CK_PANEL_VECTORS == 0 ? 1 : CK_PANEL_VECTORS; }

/// The constants of one Adam step. Every gradient is multiplied by `scale` (clipping by norm) and then limited to
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

/// The constants of one SGD step. `scale` and `limit` clip the gradients as in ck_adam.
typedef struct ck_sgd {
  float learning_rate, momentum, scale, limit;
  /// Whether a step goes on by the next step's momentum (Nesterov's).
  int nesterov;
} ck_sgd;

/// The constants of one step that divides by the root of a sum or mean of squares (Nadam, RMSprop, Adagrad). `scale` and
/// `limit` clip the gradients as in ck_adam.
typedef struct ck_adaptive {
  float learning_rate, scale, limit;
  /// Mean of the gradient: m = mean_decay * m + (1 - mean_decay) * d.
  float mean_decay;
  /// Squares of the gradient: v = square_decay * v + square_gain * d * d.
  float square_decay, square_gain;
  /// Dividend: from_gradient * d + from_mean * m.
  float from_gradient, from_mean;
  /// Divisor: root_factor * sqrt(max(0, v - (centered ? m * m : 0)) + inner_epsilon) + epsilon.
  float root_factor, inner_epsilon, epsilon;
  int centered;
  /// The change of the step before has this factor.
  float momentum;
} ck_adaptive;

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

/// Multiplies one tile: c [m, panel] = init + a [m, words] * b [words, panel], plus c where `accumulate`. Word p of row i
/// of `a` is a[i * a_row + p * a_step]; `b` is one packed panel; `init` is one row of a panel's width, or NULL for zero.
typedef void ck_tile(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, ptrdiff_t a_step, const ck_word *b,
                     const float *init, float *c, ptrdiff_t c_row, int accumulate);
/// Computes the tail of one step, which is everything after the product, for rows [row, row + m). Forward: for the units
/// of block `block`; `product` [m, gates * vectors * lanes] is the state times the recurrent kernel, gate by gate (vectors
/// as in ck_gate_vectors). Backward: for the units of panel `block`; `product` [m, panel] is the gradient that reaches the
/// state through the next step's product, and zero at the last step.
typedef void ck_tail(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t block, const float *product);
/// Packs `lanes` columns of k rows into ceil(k / numbers in a word) rows of words; the columns after the first `count` are
/// zero. Rows of `to` lie `to_step` words apart.
typedef void ck_pack_columns(ptrdiff_t k, int count, const void *from, ptrdiff_t stride, ck_word *to,
                             ptrdiff_t to_step);

/// The kernels of one instruction set. The scalar table holds a twin of every entry, which computes the same. Arrays are
/// indexed by ck_precision.
typedef struct ck_kernels {
  const char *name;
  int lanes;      // words in a vector; a packed panel is CK_PANEL_VECTORS * lanes wide
  int tile_rows;  // largest number of rows of a product tile
  /// Whether the instruction set has instructions for products of bfloat16, and of bytes.
  int has_bfloat16, has_int8;

  ck_tile *tile[CK_PRECISIONS];
  /// c [m, panel] = a [m, words] * b [words, panel]; `a` holds unsigned and `b` signed bytes, four in a word.
  void (*tile_int8)(int m, ptrdiff_t words, const ck_word *a, ptrdiff_t a_row, const ck_word *b, int32_t *c,
                    ptrdiff_t c_row);
  /// Pack rows of an operand of the same precision, and rows of float32.
  ck_pack_columns *pack[CK_PRECISIONS], *pack_float32[CK_PRECISIONS];
  ck_tail *forward[CK_CELLS][CK_PRECISIONS], *backward[CK_CELLS][CK_PRECISIONS];
  /// The second tails of CK_GRU_RESET_BEFORE: after the product of r * h with U', and, backward, after the product of its
  /// gradient.
  ck_tail *candidate[CK_PRECISIONS], *candidate_backward[CK_PRECISIONS];
  /// The other tails of CK_MLSTM: after the product U' h, and, backward, after the product of the gates' gradients, which
  /// is the gradient of m.
  ck_tail *multiply[CK_PRECISIONS], *multiply_backward[CK_PRECISIONS];
  /// Returns the mean of `count` numbers of x and, in `inverse`, 1 / sqrt(variance + epsilon). The numbers of x [n] that are
  /// not counted are zero.
  float (*moments)(ptrdiff_t n, ptrdiff_t count, const float *x, float epsilon, float *inverse);
  /// Normalizes the numbers of one row, t * N + sequence `at`, in one block of a forward phase with `gates` gates: from `raw`
  /// to `product`, both in the order of ck_tail's product, gain included.
  void (*normalize[CK_PRECISIONS])(const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates, const float *raw,
                                   float mean, float inverse, float *product);
  /// Writes the gradients `d_product` of row `at` from those of the normalized products, which are in the gates.
  void (*normalize_backward[CK_PRECISIONS])(const ck_recurrent *s, ptrdiff_t at);
  /// x = activation(x).
  void (*activate)(ptrdiff_t n, ck_activation activation, float *x);
  /// gradient *= the activation's derivative, computed from its value y.
  void (*differentiate)(ptrdiff_t n, ck_activation activation, const float *y, float *gradient);
  /// to[j] = keep[j] ? from[j] * scale : 0. keep[j] is a hash of `seed` and first + j, 32 bits, that is at least
  /// `threshold`. All instruction sets give the same results.
  void (*dropout[CK_PRECISIONS])(ptrdiff_t n, uint64_t seed, uint32_t first, uint32_t threshold, float scale,
                                 const void *from, void *to);
  /// Rounds n float32 to the nearest bfloat16, ties to even.
  void (*to_bfloat16)(ptrdiff_t n, const float *from, ck_half *to);
  /// Quantizes n numbers x of [-1, 1] to bytes, 127 x + 128.
  void (*to_bytes)(ptrdiff_t n, const float *from, uint8_t *to);
  /// Turns products of such bytes into products of the numbers: to = scales * (products - 128 * sums), where `sums` is the
  /// sum of each column's weights.
  void (*scale_products)(ptrdiff_t n, const int32_t *products, const int32_t *sums, const float *scales, float *to);
  /// Returns the negative log-likelihood of class `target` in nats. Where `gradient` is not NULL, writes
  /// scale * (softmax - onehot) there and overwrites the logits.
  float (*softmax_cross_entropy[CK_PRECISIONS])(ptrdiff_t v, float *logits, int32_t target, float scale,
                                                void *gradient);
  /// Returns the sum of exp((logits - maximum) * factor) and stores the terms in `weights` where that is not NULL. The sum
  /// is NaN where a logit is NaN.
  float (*softmax_weights)(ptrdiff_t v, const float *logits, float factor, float *weights);
  /// y += x.
  void (*add[CK_PRECISIONS])(ptrdiff_t n, const void *x, float *y);
  /// y += x * z.
  void (*add_products[CK_PRECISIONS])(ptrdiff_t n, const void *x, const void *z, float *y);
  /// y += alpha * x.
  void (*axpy)(ptrdiff_t n, float alpha, const float *x, float *y);
  /// mean += rate * (x - mean).
  void (*average)(ptrdiff_t n, float rate, const float *x, float *mean);
  /// Returns the sum of x * y.
  float (*dot)(ptrdiff_t n, const float *x, const float *y);
  /// One Adam step: m and v are the running means of the gradient and of its square.
  void (*adam)(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v);
  /// With d = clamp(scale * g, -limit, limit): p -= learning_rate * d where v is NULL, else v = momentum * v + d and
  /// p -= learning_rate * (nesterov ? momentum * v + d : v).
  void (*sgd)(ptrdiff_t n, const ck_sgd *o, const float *g, float *p, float *v);
  /// With d as in sgd: m and v as in ck_adaptive, u = learning_rate * dividend / divisor; p -= u where b is NULL, else
  /// b = momentum * b + u and p -= b. Without a mean, m is NULL and counts as 0.
  void (*adaptive)(ptrdiff_t n, const ck_adaptive *o, const float *g, float *p, float *m, float *v, float *b);
} ck_kernels;

/// The table for `isa`, or NULL where this processor or operating system does not support it.
const ck_kernels *ck_kernels_for(ck_isa isa);
/// The widest instruction set that this machine supports.
ck_isa ck_best_isa(void);

/// Whether this processor multiplies bfloat16 faster than float32. The answer is fixed for each kind of processor, because
/// the precision of results depends on it.
int ck_prefers_bfloat16(const ck_kernels *kernels);

/// Number of words for k numbers along the summed dimension.
static inline ptrdiff_t ck_words(ck_precision precision, ptrdiff_t k) {
  return precision == CK_BFLOAT16 ? (k + 1) / 2 : k;
}

/// Number of words of a packed matrix of k rows and n columns.
ptrdiff_t ck_packed_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t n);
/// Packs b [k, n], float32, into panels: panel, then word, then column. Element (i, j) is b[i * row + j * column]; one of
/// the two strides is 1.
void ck_pack(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t n,
             const float *b, ptrdiff_t row, ptrdiff_t column, ck_word *packed);
/// Number of words that ck_pack_gates writes.
ptrdiff_t ck_packed_gates_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h, int gates);
/// Packs b [k, gates*H], float32, in blocks of ck_gate_vectors(gates) vectors of units, so that whole panels hold all
/// gates of a block's units.
void ck_pack_gates(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h,
                   int gates, const float *b, ck_word *packed);

/// c [m, n] = bias + a [m, k] * b; b packed by ck_pack in a's precision; `bias` is [n] or NULL.
void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a,
                const ck_word *packed, const float *bias, float *c);
/// Number of words of scratch memory that ck_transposed_product needs.
ptrdiff_t ck_transposed_product_scratch(const ck_team *team);
/// c [m, n] = a [k, m] transposed * b [k, n], both of one precision.
void ck_transposed_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                           ck_operand a, ck_operand b, ck_word *scratch, float *c);

/// Number of floats of scratch memory that the forward pass of a layer with normalized products needs.
ptrdiff_t ck_recurrent_scratch(const ck_team *team, const ck_kernels *kernels, ck_cell kind, ptrdiff_t n, ptrdiff_t h);
/// Runs the forward pass of a recurrent layer over its steps.
void ck_recurrent_forward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s);
/// Runs the backward pass of a recurrent layer over its steps, last step first.
void ck_recurrent_backward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s);

/// Copies `from` [rows, columns] to `to`, in the precision of `to`.
void ck_copy(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand from,
             ck_operand to);
/// Copies row indices[r] of `from` to row r of `to` [rows, columns], in the precision of `to`.
void ck_gather(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand from,
               const int32_t *indices, ck_operand to);
/// Overwrites all numbers of x [rows, columns] with `value`, whose lower 16 bits bfloat16 leaves out.
void ck_fill(ptrdiff_t rows, ptrdiff_t columns, float value, ck_operand x);
/// x [rows, columns] = activation(x).
void ck_activate(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_activation activation,
                 float *x);
/// gradient [n] *= the activation's derivative, computed from its value y [n].
void ck_differentiate(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, ck_activation activation, const float *y,
                      float *gradient);
/// x [rows, columns] = the softmax of each row.
void ck_softmax(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, float *x);
/// Turns the gradient of the values y [rows, columns] of a softmax into that of its inputs, in place:
/// gradient = y * (gradient - the row's sum of gradient * y).
void ck_differentiate_softmax(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns,
                              const float *y, float *gradient);
/// Applies dropout to `from` [rows, columns]: some numbers become zero and the others are multiplied by `scale`; see the
/// kernel above. Rows r and r + period drop the same columns. `from` and `to` have one precision and may be the same.
void ck_dropout(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t period,
                uint64_t seed, uint32_t threshold, float scale, ck_operand from, ck_operand to);
/// Computes the losses of all rows, and the gradients and hits where they are requested.
void ck_compute_losses(ck_team *team, const ck_kernels *kernels, const ck_losses *s);
/// sums [columns] = the column sums of x [rows, columns].
void ck_column_sums(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                    float *sums);
/// sums [columns] = the column sums of the element-wise product x * y; both are [rows, columns] of one precision.
void ck_column_sums_of_products(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                                ck_operand y, float *sums);
/// Sets table [V, columns] to 0, then adds row r of x [rows, columns] to table[tokens[r]], for every r in order.
void ck_scatter(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, ck_operand x,
                const int32_t *tokens, ptrdiff_t v, float *table);
/// Returns the sum of squares of x [n]; its bits do not depend on the number of threads. `partial` is scratch memory for
/// ck_partial_count(n) numbers.
double ck_sum_of_squares(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const float *x, double *partial);
ptrdiff_t ck_partial_count(ptrdiff_t n);
/// mean += rate * (x - mean), for n numbers.
void ck_average(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, float rate, const float *x, float *mean);
/// Applies one Adam step to n parameters.
void ck_adam_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_adam *o, const float *g, float *p,
                  float *m, float *v);
/// Applies one SGD step to n parameters; `v` is NULL for SGD without momentum.
void ck_sgd_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_sgd *o, const float *g, float *p,
                 float *v);
/// Applies one adaptive step to n parameters; `m` and `b` are NULL for steps without a mean or momentum.
void ck_adaptive_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_adaptive *o, const float *g, float *p,
                      float *m, float *v, float *b);

/// Multiplies tiles that stay in the first-level cache, `repetitions` times on every member, and returns the number of
/// floating-point operations. No product can be faster.
double ck_peak(ck_team *team, const ck_kernels *kernels, ck_precision precision, int repetitions);

#ifdef __cplusplus
}
#endif
#endif
