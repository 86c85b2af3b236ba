// The C side of chargen: hot loops over float32 memory, nothing else.
//
// Letters: T time steps, N batch, H hidden units, V vocabulary; M, N, K the sizes of a product. All matrices are
// row-major; [R, C] means R rows of C columns. Nothing here allocates in a loop, and no function checks shapes: the
// Swift module ChargenTensor, the only caller, does.
#ifndef CHARGEN_KERNELS_H
#define CHARGEN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "chargen_team.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets, each with a kernel table of its own.
typedef enum ck_isa {
  CK_ISA_SCALAR = 0,
  CK_ISA_AVX2 = 1,
  CK_ISA_AVX512 = 2,
  CK_ISA_NEON = 3,
} ck_isa;

/// Vectors side by side in one packed panel: one for each gate of an LSTM.
#define CK_PANEL_VECTORS 4
/// Upper bounds over all instruction sets, for buffers on the stack.
#define CK_MAX_LANES 16
#define CK_MAX_TILE_ROWS 8
#define CK_MAX_PANEL (CK_PANEL_VECTORS * CK_MAX_LANES)
#define CK_MAX_TILE (CK_MAX_TILE_ROWS * CK_MAX_PANEL)

/// One LSTM layer over T steps of N sequences. Gate order i, f, g, o. Step t reads row block t of `hidden` and `cell`
/// and writes row block t + 1, so block 0 is the initial state and block T the final one.
typedef struct ck_lstm {
  ptrdiff_t T, N, H;
  /// Steps [first, last) are run; the others are left alone.
  ptrdiff_t first, last;
  /// Input part of the pre-activations: row r of step t is `input + 4H * (tokens ? tokens[t * N + r] : t * N + r)`.
  const float *input;     // [V or T*N, 4H]
  const int32_t *tokens;  // [T*N] or NULL
  const float *bias;      // [4H]
  const float *recurrent; // packed: by ck_pack_gates (forward), by ck_pack of the transpose [4H, H] (backward)
  float *gates;           // [T*N, 4H] activated gates: written forward, read backward
  float *hidden;          // [(T+1)*N, H]
  float *cell;            // [(T+1)*N, H]
  // Backward only.
  const float *d_output;  // [T*N, H] gradient of the outputs
  float *d_gates;         // [T*N, 4H] gradient of the pre-activations
  float *d_hidden;        // [N, H] in: gradient of the final hidden state; out: of the initial one
  float *d_cell;          // [N, H] in: gradient of the final cell state; out: of the initial one
} ck_lstm;

/// One Adam step's constants. `scale` multiplies every gradient first (clipping by norm), then the result is limited to
/// [-limit, limit] (clipping by value).
typedef struct ck_adam {
  float learning_rate, beta1, beta2, epsilon;
  /// 1 - beta1^t and sqrt(1 - beta2^t).
  float correction1, correction2;
  float scale, limit;
} ck_adam;

/// The kernels of one instruction set. Every entry has a twin in the scalar table that computes the same.
typedef struct ck_kernels {
  const char *name;
  int lanes;      // floats in a vector; a packed panel is CK_PANEL_VECTORS * lanes wide
  int tile_rows;  // rows a product tile takes at most

  /// c[m, panel] = init + a[m, k] * b[k, panel], plus c where `accumulate`. `a` is read as a[i * a_row + p * a_step];
  /// `b` is one packed panel; `init` is one row of a panel's width or NULL for zero.
  void (*tile)(int m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b,
               const float *init, float *c, ptrdiff_t c_row, int accumulate);
  /// The fused tail of one forward step for rows [row, row + m) and the hidden units of panel `panel`:
  /// `product` [m, panel] holds h * recurrent for them, gate by gate.
  void (*lstm_forward)(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel, const float *product);
  /// The fused tail of one backward step for rows [row, row + m) and the hidden units of panel `panel`
  /// (a panel's width of units): `product` [m, panel] holds the hidden gradient that came through time.
  void (*lstm_backward)(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel, const float *product);
  /// Negative log-likelihood of `target` in nats; `gradient` (may be `logits` itself, or NULL) gets
  /// scale * (softmax - onehot).
  float (*softmax_cross_entropy)(ptrdiff_t v, const float *logits, int32_t target, float scale, float *gradient);
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

/// Floats a packed matrix of k rows and n columns takes.
ptrdiff_t ck_packed_size(const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t n);
/// Packs b [k, n], read as b[i * row + j * column], into panels: panel, then row, then column.
void ck_pack(ck_team *team, const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t n, const float *b, ptrdiff_t row,
             ptrdiff_t column, float *packed);
/// Floats that ck_pack_gates writes.
ptrdiff_t ck_packed_gates_size(const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t h);
/// Packs the four gates' columns of b [k, 4H] so that one panel holds all gates of `lanes` units.
void ck_pack_gates(ck_team *team, const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t h, const float *b, float *packed);

/// c [m, n] = bias + a [m, k] * b, plus c where `accumulate`; b packed by ck_pack; a read as a[i * row + p * column].
/// `bias` is [n] or NULL.
void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a,
                ptrdiff_t a_row, ptrdiff_t a_column, const float *packed, const float *bias, float *c, int accumulate);
void ck_lstm_forward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s);
void ck_lstm_backward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s);

/// Loss of each of `rows` rows of logits [rows, V], and their gradient into `gradient` (see the kernel above).
void ck_softmax_cross_entropy(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t v,
                              const float *logits, const int32_t *targets, float scale, float *gradient, float *losses);
/// sums [columns] += the column sums of x [rows, columns].
void ck_column_sums(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                    float *sums);
/// table[tokens[r]] += x[r] for every row r in order; x [rows, columns], table [V, columns].
void ck_scatter_add(ck_team *team, const ck_kernels *kernels, ptrdiff_t rows, ptrdiff_t columns, const float *x,
                    const int32_t *tokens, float *table);
/// Sum of squares, the same bits for every number of threads. `partial` has room for ck_partial_count(n) numbers.
double ck_sum_of_squares(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const float *x, double *partial);
ptrdiff_t ck_partial_count(ptrdiff_t n);
void ck_adam_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_adam *o, const float *g, float *p,
                  float *m, float *v);
void ck_sgd_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, float rate, float scale, float limit,
                 const float *g, float *p);

#ifdef __cplusplus
}
#endif
#endif
