// One step after the other of N streams: what sampling does.
#ifndef CHARGEN_STREAMS_H
#define CHARGEN_STREAMS_H

#include "chargen_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What the weights of a stream are kept in: fewer bytes are read sooner.
typedef enum ck_stream_precision {
  CK_STREAM_FLOAT32 = CK_FLOAT32,
  CK_STREAM_BFLOAT16 = CK_BFLOAT16,
  /// Weights of 8 bits with a scale for each output; inputs of 16 bits, as an upper and a lower byte.
  CK_STREAM_INT8 = 2,
} ck_stream_precision;

/// Packed weights [K, outputs], panel by panel.
typedef struct ck_stream_weights {
  ptrdiff_t k;
  ck_word *packed;
  // int8 only, in the order of the panels' columns: what a weight of one stands for, over 32767; the sum of the weights.
  float *scales;
  int32_t *sums;
} ck_stream_weights;

/// The left side of a product: N rows of `stride` bytes; for int8 N rows of upper bytes, then N of lower ones.
typedef struct ck_stream_input {
  uint8_t *rows;
  ptrdiff_t stride;
} ck_stream_input;

/// One recurrent layer, CK_GRU_RESET_BEFORE excepted, with G inputs of ck_facts. Its input's rows hold the output of the
/// layer below, if there is one, and then its own last state.
typedef struct ck_stream_layer {
  ck_cell kind;
  ck_stream_weights weights;    // [D + H, gates*H], D being 0 in the first layer
  int gates;                    // product_gates of ck_recurrent
  ptrdiff_t below;              // D
  ck_stream_input inputs[2];    // of this step and of the next
  const float *table;           // [V, G*H] first layer: the input's part of the pre-activations; above [1, G*H] zeros
  const float *bias;            // [G*H]
  const float *recurrent_bias;  // [3H] of CK_GRU
  float *hidden, *cell;         // [N, H]; an LSTM alone has cell states
} ck_stream_layer;

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
  int step;                     // which of the two inputs is this step's
} ck_streams;

/// Bytes between the rows of an input of k numbers.
ptrdiff_t ck_stream_stride(ck_stream_precision precision, ptrdiff_t k);
/// Words that packed weights of k rows take: for `columns` outputs, or for `gates` gates of `columns` units where that is not
/// zero.
ptrdiff_t ck_stream_packed_size(const ck_kernels *kernels, ck_stream_precision precision, ptrdiff_t k,
                                ptrdiff_t columns, int gates);
/// Columns of all panels together, for as many scales and sums.
ptrdiff_t ck_stream_packed_columns(const ck_kernels *kernels, ptrdiff_t columns, int gates);
/// Packs b [k, columns], or [k, gates * columns], into weights that have the memory.
void ck_stream_pack(ck_team *team, const ck_kernels *kernels, ck_stream_precision precision, ptrdiff_t columns,
                    int gates, const float *b, ck_stream_weights *weights);
/// Writes the hidden states into the inputs that read them next; to be called when they were set from outside.
void ck_stream_states_changed(const ck_kernels *kernels, ck_streams *s);
/// Reads a token in each stream: new states and logits.
void ck_stream_step(ck_team *team, const ck_kernels *kernels, ck_streams *s, const int32_t *tokens);

#ifdef __cplusplus
}
#endif
#endif
