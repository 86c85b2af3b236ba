// Sampling: N streams advance one token at a time.
#ifndef CHARGEN_STREAMS_H
#define CHARGEN_STREAMS_H

#include "chargen_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The number format of the weights of streams. Fewer bytes are read faster.
typedef enum ck_stream_precision {
  CK_STREAM_FLOAT32 = CK_FLOAT32,
  CK_STREAM_BFLOAT16 = CK_BFLOAT16,
  /// Weights of 8 bits with a scale for each output; inputs of 8 bits.
  CK_STREAM_INT8 = 2,
} ck_stream_precision;

/// Packed weights [K, outputs], panel by panel.
typedef struct ck_stream_weights {
  ptrdiff_t k;
  ck_word *packed;
  // int8 only, in the order of the panels' columns: the value of a weight of 1, divided by 127; the sum of the weights.
  float *scales;
  int32_t *sums;
} ck_stream_weights;

/// The left operand of a product: N rows of `stride` bytes.
typedef struct ck_stream_input {
  uint8_t *rows;
  ptrdiff_t stride;
} ck_stream_input;

/// The weights of one recurrent layer of any kind but CK_GRU_RESET_BEFORE; G is `inputs` of ck_facts. They never change. A
/// row of the layer's input holds the output of the layer below, if there is one, and then the layer's own previous state:
/// one product reads both. Where they cannot be joined (CK_MLSTM, normalized products), the row holds the state only, and
/// the output of the layer below is multiplied apart.
typedef struct ck_stream_layer {
  ck_cell kind;
  int is_apart;
  ck_stream_weights weights;    // [D + H, gates*H], D being 0 in the first layer; apart: [H, gates*H]
  ck_stream_weights input;      // apart, but not in the first layer: [H, G*H]
  ck_stream_weights second;     // CK_MLSTM: [H, H]
  const float *gain;            // [gates*H], or NULL where the product is not normalized
  float epsilon;
  int gates;                    // product_gates of ck_recurrent
  ptrdiff_t below;              // D; apart: 0
  const float *table;           // [V, G*H] first layer: the input's part of the pre-activations; others: [1, G*H] zeros
  const float *bias;            // [G*H]
  const float *recurrent_bias;  // [3H] CK_GRU only
} ck_stream_layer;

/// The weights of a model: its recurrent layers and its output layer. Any number of ck_streams may read them at once.
typedef struct ck_stream_model {
  ck_stream_precision precision;
  ptrdiff_t H, V, layer_count;
  const ck_stream_layer *layers;
  ck_stream_weights output;     // [H, V]
  const float *output_bias;     // [V]
} ck_stream_model;

/// The states of one layer.
typedef struct ck_stream_state {
  ck_stream_input inputs[2];    // for this step and for the next one
  float *hidden, *cell;         // [N, H]; only an LSTM and an mLSTM have cell states
  // Only for layers whose input is multiplied apart (`is_apart`):
  ck_stream_input below;        // the output of the layer below
  float *rows;                  // [N, G*H] its products
  float *intermediate;          // [N, H] CK_MLSTM: m
  ck_stream_input middle;       // CK_MLSTM: m as products read it, divided by `scales` in int8
  float *scales;                // [N]
  float *raw;                   // [N, W] products before the normalization; W is ck_stream_packed_columns of the gates
} ck_stream_state;

/// N streams, one in each row of the states. A step advances the first rows; the others keep their states.
typedef struct ck_streams {
  const ck_stream_model *model;
  ptrdiff_t N;
  ck_stream_state *states;      // [layer_count]
  ck_stream_input output_input;
  float *gates;                 // [N, CK_MAX_SLOTS * H] scratch
  const int32_t *zeros;         // [N] zero tokens
  float *logits;                // [N, V]
  uint8_t *written;             // [N] index into `inputs` of the buffer that holds a row's states; other numbers: none
  int step;                     // index into `inputs` of the buffer that this step reads
} ck_streams;

/// Distance in bytes between the rows of an input of k numbers.
ptrdiff_t ck_stream_stride(ck_stream_precision precision, ptrdiff_t k);
/// Number of words of packed weights of k rows: for `columns` outputs, or, where `gates` is not zero, for `gates` gates of
/// `columns` units.
ptrdiff_t ck_stream_packed_size(const ck_kernels *kernels, ck_stream_precision precision, ptrdiff_t k,
                                ptrdiff_t columns, int gates);
/// Number of columns of all panels together, which is the number of scales and of sums.
ptrdiff_t ck_stream_packed_columns(const ck_kernels *kernels, ptrdiff_t columns, int gates);
/// Packs b [k, columns], or [k, gates * columns], into `weights`, whose memory the caller provides.
void ck_stream_pack(ck_team *team, const ck_kernels *kernels, ck_stream_precision precision, ptrdiff_t columns,
                    int gates, const float *b, ck_stream_weights *weights);
/// Tells the streams that the caller has changed the states of a row: the next step writes them to its input again.
void ck_stream_row_changed(ck_streams *s, ptrdiff_t row);
/// Reads one token in each of the first `count` rows and computes the new states and, where `with_logits` is not 0, the
/// logits.
void ck_stream_step(ck_team *team, const ck_kernels *kernels, ck_streams *s, ptrdiff_t count, const int32_t *tokens,
                    int with_logits);

/// Returns the first index at which the sum of the weights up to it exceeds `target`, or the last one whose weight is not
/// zero. Weights are not negative. Sums of whole blocks of 64 are added in float64, each block in a fixed order.
ptrdiff_t ck_draw(ptrdiff_t v, const float *weights, double target);

#ifdef __cplusplus
}
#endif
#endif
