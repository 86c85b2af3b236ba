// The list of all tails of recurrent cells. A file that includes this defines
//   CK_FORWARD_TAIL(name, units, suffix, precision, gates)   defines the function name_suffix; its product has `gates` gates
//   CK_BACKWARD_TAIL(name, units, suffix, precision)
// where `units` is the function that computes one unit, or one vector of units.
#define CK_TAILS(suffix, precision)                                                                                \
  CK_FORWARD_TAIL(lstm_forward, lstm_units, suffix, precision, 4)                                                  \
  CK_FORWARD_TAIL(gru_forward, gru_units, suffix, precision, s->product_gates)                                     \
  CK_FORWARD_TAIL(gru_reset_before_forward, gru_reset_before_units, suffix, precision, 2)                          \
  CK_FORWARD_TAIL(simple_rnn_forward, simple_rnn_units, suffix, precision, 1)                                      \
  CK_FORWARD_TAIL(candidate_forward, candidate_units, suffix, precision, 1)                                        \
  CK_FORWARD_TAIL(multiply_forward, multiply_units, suffix, precision, 1)                                          \
  CK_BACKWARD_TAIL(lstm_backward, lstm_backward_units, suffix, precision)                                          \
  CK_BACKWARD_TAIL(gru_backward, gru_backward_units, suffix, precision)                                            \
  CK_BACKWARD_TAIL(gru_reset_before_backward, gru_reset_before_backward_units, suffix, precision)                  \
  CK_BACKWARD_TAIL(simple_rnn_backward, simple_rnn_backward_units, suffix, precision)                              \
  CK_BACKWARD_TAIL(candidate_backward, candidate_backward_units, suffix, precision)                                \
  CK_BACKWARD_TAIL(multiply_backward, multiply_backward_units, suffix, precision)
CK_TAILS(float32, CK_FLOAT32)
CK_TAILS(bfloat16, CK_BFLOAT16)

/// The entries of the tails in a table of kernels.
#define CK_BOTH(name) {name##_float32, name##_bfloat16}
#define CK_TAIL_ENTRIES                                                                                            \
  .forward = {[CK_LSTM] = CK_BOTH(lstm_forward),                                                                   \
              [CK_GRU] = CK_BOTH(gru_forward),                                                                     \
              [CK_GRU_RESET_BEFORE] = CK_BOTH(gru_reset_before_forward),                                           \
              [CK_SIMPLE_RNN] = CK_BOTH(simple_rnn_forward),                                                       \
              [CK_MLSTM] = CK_BOTH(lstm_forward)},                                                                 \
  .backward = {[CK_LSTM] = CK_BOTH(lstm_backward),                                                                 \
               [CK_GRU] = CK_BOTH(gru_backward),                                                                   \
               [CK_GRU_RESET_BEFORE] = CK_BOTH(gru_reset_before_backward),                                         \
               [CK_SIMPLE_RNN] = CK_BOTH(simple_rnn_backward),                                                     \
               [CK_MLSTM] = CK_BOTH(lstm_backward)},                                                               \
  .candidate = CK_BOTH(candidate_forward), .candidate_backward = CK_BOTH(candidate_backward),                      \
  .multiply = CK_BOTH(multiply_forward), .multiply_backward = CK_BOTH(multiply_backward), .moments = moments,      \
  .normalize = CK_BOTH(normalize), .normalize_backward = CK_BOTH(normalize_backward)
