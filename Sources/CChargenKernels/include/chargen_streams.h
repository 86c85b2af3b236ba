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
  /// Weights of 8 bits with a scale for each output; inputs of 16 bits, stored as upper and lower bytes.
  CK_STREAM_INT8 = 2,
} ck_stream_precision;

/// Packed weights [K, outputs], panel by panel.
typedef struct ck_stream_weights {
  ptrdiff_t k;
  ck_word *packed;
  // int8 only, in the order of the panels' columns: the value of a weight of 1, divided by 32767; the sum of the weights.
  float *scales;
  int32_t *sums;
} ck_stream_weights;

/// The left operand of a product: N rows of `stride` bytes; for int8 N rows of upper bytes, then N rows of lower bytes.
typedef struct ck_stream_input {
  uint8_t *rows;
  ptrdiff_t stride;
} ck_stream_input;

/// One recurrent layer of any kind but CK_GRU_RESET_BEFORE; G is `inputs` of ck_facts. A row of its input holds the output
/// of the layer below, if there is one, and then its own previous state.
typedef struct ck_stream_layer {
  ck_cell kind;
  ck_stream_weights weights;    // [D + H, gates*H], D being 0 in the first layer
  int gates;                    // product_gates of ck_recurrent
  ptrdiff_t below;              // D
  ck_stream_input inputs[2];    // for this step and for the next one
  const float *table;           // [V, G*H] first layer: the input's part of the pre-activations; others: [1, G*H] zeros
  const float *bias;            // [G*H]
  const float *recurrent_bias;  // [3H] CK_GRU only
  float *hidden, *cell;         // [N, H]; only an LSTM has cell states
} ck_stream_layer;

/// N streams of one model: its recurrent layers and its output layer.
typedef struct ck_streams {
  ck_stream_precision precision;
  ptrdiff_t N, H, V, layer_count;
  ck_stream_layer *layers;
  ck_stream_weights output;     // [H, V]
  ck_stream_input output_input;
  const float *output_bias;     // [V]
  float *gates;                 // [N, 4H] scratch
  const int32_t *zeros;         // [N] zero tokens
  float *logits;                // [N, V]
  int step;                     // index of this step's input in `inputs`
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
/// Copies the hidden states into the inputs that read them next. Call it after setting the states from outside.
void ck_stream_states_changed(const ck_kernels *kernels, ck_streams *s);
/// Reads one token in each stream and computes the new states and the logits.
void ck_stream_step(ck_team *team, const ck_kernels *kernels, ck_streams *s, const int32_t *tokens);

#ifdef __cplusplus
}
#endif
#endif
