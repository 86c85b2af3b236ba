// The vector tails of recurrent cells, which compute one vector of units at a time. This is a part of kernels_vector.h,
// which defines the functions used here.

INLINE int masked(const ck_recurrent *s, ptrdiff_t at) { return s->mask && !s->mask[at]; }

/// Whether a float32 copy of the hidden states is kept beside the rounded ones.
INLINE int has_copy(const ck_precision precision, const ck_recurrent *s) {
  return precision != CK_FLOAT32 && (s->kind == CK_GRU || s->kind == CK_GRU_RESET_BEFORE) && s->cell;
}

/// The hidden state in row `at`. In bfloat16 it is rounded, except that GRUs, which update the state by adding to it, read
/// their float32 copy.
INLINE vector load_state(const ck_precision precision, const ck_recurrent *s, ptrdiff_t at, ptrdiff_t unit, int count) {
  if (has_copy(precision, s)) return load_some(s->cell + s->H * at + unit, count);
  return load_operand(precision, s->hidden.data, s->hidden.stride * at + unit, count);
}

/// Writes the hidden state h of row `at`, which belongs to sequence `row`, to all buffers that hold the state.
INLINE void store_state(const ck_precision precision, const ck_recurrent *s, ptrdiff_t at, ptrdiff_t row, ptrdiff_t unit,
                        vector h, int count) {
  store_operand(precision, s->hidden.data, s->hidden.stride * at + unit, h, count);
  if (has_copy(precision, s)) store_some(s->cell + s->H * at + unit, h, count);
  if (s->dropout)
    store_operand(precision, s->dropped.data, s->dropped.stride * at + unit,
                  h * load_some(s->dropout + s->H * row + unit, count), count);
}

/// The gradient of the hidden state after step t: the part through the next step's product, the part from the output, and,
/// where `past` is set, the part that bypasses the product.
INLINE vector state_gradient(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, ptrdiff_t unit, const int past,
                             const float *product, int count) {
  vector through = load(product);
  if (s->dropout) through *= load_some(s->dropout + s->H * row + unit, count);
  const vector gradient = through + load_some(s->d_output + s->H * (t * s->N + row) + unit, count);
  if (!past && t != s->last - 1) return gradient;
  return gradient + load_some(s->d_hidden + s->H * row + unit, count);
}

/// The backward pass of a masked step: the gradients of all `slots` are zero, and the gradient of the state is kept.
INLINE void pass_gradient(const ck_precision precision, const ck_recurrent *s, ptrdiff_t at, ptrdiff_t row, ptrdiff_t unit,
                          const int slots, vector d_h, int count) {
  for (int slot = 0; slot < slots; slot++)
    store_operand(precision, s->gates.data, s->gates.stride * at + slot * s->H + unit, splat(0), count);
  store_some(s->d_hidden + s->H * row + unit, d_h, count);
}

/// Whether the activations are tanh and sigmoid, for which the tails are specialized.
INLINE int usual(const ck_recurrent *s) { return s->activation == CK_TANH && s->gate_activation == CK_SIGMOID; }

// The arguments of a forward tail for one vector of units. `product` points to the first gate of the first row; gates are
// `gate_step` numbers apart, rows `row_step`. `a` is the activation and `g` the activation of the gates.
#define CK_FORWARD_ARGUMENTS                                                                                          \
  const ck_precision precision, const ck_activation a, const ck_activation g, const ck_recurrent *s, ptrdiff_t t,     \
      ptrdiff_t row, int m, ptrdiff_t unit, const int count, const float *product, const ptrdiff_t gate_step,         \
      const ptrdiff_t row_step
// The arguments of a backward tail for one vector of units. `product` points to the first row; rows are a panel's width
// apart.
#define CK_BACKWARD_ARGUMENTS                                                                                         \
  const ck_precision precision, const ck_activation a, const ck_activation g, const ck_recurrent *s, ptrdiff_t t,     \
      ptrdiff_t row, int m, ptrdiff_t unit, const int count, const float *product

INLINE void lstm_units(CK_FORWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N, inputs = ck_facts(s->kind).inputs;
  vector bias[4];
  for (int gate = 0; gate < 4; gate++) bias[gate] = load_some(s->bias + gate * H + unit, count);
  for (int r = 0; r < m; r++, product += row_step) {
    const ptrdiff_t at = t * N + row + r;
    if (masked(s, at)) {
      store_some(s->cell + H * (at + N) + unit, load_some(s->cell + H * at + unit, count), count);
      store_state(precision, s, at + N, row + r, unit, load_state(precision, s, at, unit, count), count);
      continue;
    }
    const float *input = s->input + inputs * H * (s->tokens ? s->tokens[at] : at - s->input_first * N) + unit;
    const ptrdiff_t gates = s->gates.stride * at + unit;
    vector z[4];
    for (int gate = 0; gate < 4; gate++)
      z[gate] = load(product + gate * gate_step) + load_some(input + gate * H, count) + bias[gate];
    const vector i = activated(g, z[0]), f = activated(g, z[1]), n = activated(a, z[2]), o = activated(g, z[3]);
    const vector c = f * load_some(s->cell + H * at + unit, count) + i * n;
    store_operand(precision, s->gates.data, gates, i, count);
    store_operand(precision, s->gates.data, gates + H, f, count);
    store_operand(precision, s->gates.data, gates + 2 * H, n, count);
    store_operand(precision, s->gates.data, gates + 3 * H, o, count);
    store_some(s->cell + H * (at + N) + unit, c, count);
    store_state(precision, s, at + N, row + r, unit, o * activated(a, c), count);
  }
}

INLINE void lstm_backward_units(CK_BACKWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const int past = s->mask != NULL;
  for (int r = 0; r < m; r++, product += panel_width) {
    const ptrdiff_t at = t * N + row + r, gates = s->gates.stride * at + unit;
    void *data = s->gates.data;
    float *d_cell = s->d_cell + H * (row + r) + unit;
    const vector d_h = state_gradient(s, t, row + r, unit, past, product, count);
    if (masked(s, at)) {
      pass_gradient(precision, s, at, row + r, unit, 4, d_h, count);
      continue;
    }
    const vector i = load_operand(precision, data, gates, count);
    const vector f = load_operand(precision, data, gates + H, count);
    const vector n = load_operand(precision, data, gates + 2 * H, count);
    const vector o = load_operand(precision, data, gates + 3 * H, count);
    const vector squashed = activated(a, load_some(s->cell + H * (at + N) + unit, count));
    const vector before = load_some(s->cell + H * at + unit, count);
    const vector d_c = load_some(d_cell, count) + differentiated(a, d_h * o, squashed);
    store_operand(precision, data, gates, differentiated(g, d_c * n, i), count);
    store_operand(precision, data, gates + H, differentiated(g, d_c * before, f), count);
    store_operand(precision, data, gates + 2 * H, differentiated(a, d_c * i, n), count);
    store_operand(precision, data, gates + 3 * H, differentiated(g, d_h * squashed, o), count);
    store_some(d_cell, d_c * f, count);
    if (past) store_some(s->d_hidden + H * (row + r) + unit, splat(0), count);
  }
}

/// The slots are n, z, r, and the product that r multiplies.
INLINE void gru_units(CK_FORWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const vector bias_n = load_some(s->bias + unit, count);
  const vector bias_z = load_some(s->bias + H + unit, count) + load_some(s->recurrent_bias + unit, count);
  const vector bias_r = load_some(s->bias + 2 * H + unit, count) + load_some(s->recurrent_bias + H + unit, count);
  const vector bias_inner = load_some(s->recurrent_bias + 2 * H + unit, count);
  for (int row_of = 0; row_of < m; row_of++, product += row_step) {
    const ptrdiff_t at = t * N + row + row_of;
    const vector before = load_state(precision, s, at, unit, count);
    if (masked(s, at)) {
      store_state(precision, s, at + N, row + row_of, unit, before, count);
      continue;
    }
    const float *input = s->input + 3 * H * (s->tokens ? s->tokens[at] : at - s->input_first * N) + unit;
    const ptrdiff_t gates = s->gates.stride * at + unit;
    const vector z = activated(g, load(product) + load_some(input + H, count) + bias_z);
    const vector r = activated(g, load(product + gate_step) + load_some(input + 2 * H, count) + bias_r);
    const vector inner = load(product + 2 * gate_step) + bias_inner;
    vector outer = load_some(input, count) + bias_n;
    if (s->product_gates == 4) outer += load(product + 3 * gate_step);
    const vector n = activated(a, outer + r * inner);
    store_operand(precision, s->gates.data, gates, n, count);
    store_operand(precision, s->gates.data, gates + H, z, count);
    store_operand(precision, s->gates.data, gates + 2 * H, r, count);
    store_operand(precision, s->gates.data, gates + 3 * H, inner, count);
    store_state(precision, s, at + N, row + row_of, unit, z * before + (1.0f - z) * n, count);
  }
}

INLINE void gru_backward_units(CK_BACKWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  for (int row_of = 0; row_of < m; row_of++, product += panel_width) {
    const ptrdiff_t at = t * N + row + row_of, gates = s->gates.stride * at + unit;
    void *data = s->gates.data;
    const vector d_h = state_gradient(s, t, row + row_of, unit, 1, product, count);
    if (masked(s, at)) {
      pass_gradient(precision, s, at, row + row_of, unit, 4, d_h, count);
      continue;
    }
    const vector n = load_operand(precision, data, gates, count);
    const vector z = load_operand(precision, data, gates + H, count);
    const vector r = load_operand(precision, data, gates + 2 * H, count);
    const vector inner = load_operand(precision, data, gates + 3 * H, count);
    const vector before = load_state(precision, s, at, unit, count);
    const vector d_n = differentiated(a, d_h * (1.0f - z), n);
    store_operand(precision, data, gates, d_n, count);
    store_operand(precision, data, gates + H, differentiated(g, d_h * (before - n), z), count);
    store_operand(precision, data, gates + 2 * H, differentiated(g, d_n * inner, r), count);
    store_operand(precision, data, gates + 3 * H, d_n * r, count);
    store_some(s->d_hidden + H * (row + row_of) + unit, d_h * z, count);
  }
}

/// The first half of a forward step: z, r and r * h. The slots are n, z, r.
INLINE void gru_reset_before_units(CK_FORWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const vector bias_z = load_some(s->bias + H + unit, count), bias_r = load_some(s->bias + 2 * H + unit, count);
  (void)a;
  for (int row_of = 0; row_of < m; row_of++, product += row_step) {
    const ptrdiff_t at = t * N + row + row_of, reset = s->intermediate.stride * at + unit;
    if (masked(s, at)) {
      store_operand(precision, s->intermediate.data, reset, splat(0), count);
      continue;
    }
    const float *input = s->input + 3 * H * (s->tokens ? s->tokens[at] : at - s->input_first * N) + unit;
    const ptrdiff_t gates = s->gates.stride * at + unit;
    vector before = load_state(precision, s, at, unit, count);
    if (s->dropout) before *= load_some(s->dropout + H * (row + row_of) + unit, count);
    const vector z = activated(g, load(product) + load_some(input + H, count) + bias_z);
    const vector r = activated(g, load(product + gate_step) + load_some(input + 2 * H, count) + bias_r);
    store_operand(precision, s->gates.data, gates + H, z, count);
    store_operand(precision, s->gates.data, gates + 2 * H, r, count);
    store_operand(precision, s->intermediate.data, reset, r * before, count);
  }
}

/// The second half of a forward step: n and the new state.
INLINE void candidate_units(CK_FORWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const vector bias = load_some(s->bias + unit, count);
  (void)g, (void)gate_step;
  for (int row_of = 0; row_of < m; row_of++, product += row_step) {
    const ptrdiff_t at = t * N + row + row_of, gates = s->gates.stride * at + unit;
    const vector before = load_state(precision, s, at, unit, count);
    if (masked(s, at)) {
      store_state(precision, s, at + N, row + row_of, unit, before, count);
      continue;
    }
    const float *input = s->input + 3 * H * (s->tokens ? s->tokens[at] : at - s->input_first * N) + unit;
    const vector n = activated(a, load(product) + load_some(input, count) + bias);
    const vector z = load_operand(precision, s->gates.data, gates + H, count);
    store_operand(precision, s->gates.data, gates, n, count);
    store_state(precision, s, at + N, row + row_of, unit, z * before + (1.0f - z) * n, count);
  }
}

/// The first half of a backward step: the gradients of z and n.
INLINE void gru_reset_before_backward_units(CK_BACKWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  for (int row_of = 0; row_of < m; row_of++, product += panel_width) {
    const ptrdiff_t at = t * N + row + row_of, gates = s->gates.stride * at + unit;
    void *data = s->gates.data;
    const vector d_h = state_gradient(s, t, row + row_of, unit, 1, product, count);
    if (masked(s, at)) {
      pass_gradient(precision, s, at, row + row_of, unit, 3, d_h, count);
      continue;
    }
    const vector n = load_operand(precision, data, gates, count), z = load_operand(precision, data, gates + H, count);
    const vector before = load_state(precision, s, at, unit, count);
    store_operand(precision, data, gates, differentiated(a, d_h * (1.0f - z), n), count);
    store_operand(precision, data, gates + H, differentiated(g, d_h * (before - n), z), count);
    store_some(s->d_hidden + H * (row + row_of) + unit, d_h * z, count);
  }
}

/// The second half of a backward step: the gradient of r, and the part of the state's gradient that comes through r * h.
INLINE void candidate_backward_units(CK_BACKWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  (void)a;
  for (int row_of = 0; row_of < m; row_of++, product += panel_width) {
    const ptrdiff_t at = t * N + row + row_of, gates = s->gates.stride * at + 2 * H + unit;
    float *d_hidden = s->d_hidden + H * (row + row_of) + unit;
    if (masked(s, at)) continue;
    const vector r = load_operand(precision, s->gates.data, gates, count), d_reset = load(product);
    const vector kept = s->dropout ? load_some(s->dropout + H * (row + row_of) + unit, count) : splat(1);
    const vector before = load_state(precision, s, at, unit, count) * kept;
    store_operand(precision, s->gates.data, gates, differentiated(g, d_reset * before, r), count);
    store_some(d_hidden, load_some(d_hidden, count) + d_reset * r * kept, count);
  }
}

INLINE void simple_rnn_units(CK_FORWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const vector bias = load_some(s->bias + unit, count);
  (void)g, (void)gate_step;
  for (int r = 0; r < m; r++, product += row_step) {
    const ptrdiff_t at = t * N + row + r;
    if (masked(s, at)) {
      store_state(precision, s, at + N, row + r, unit, load_state(precision, s, at, unit, count), count);
      continue;
    }
    const float *input = s->input + H * (s->tokens ? s->tokens[at] : at - s->input_first * N) + unit;
    store_state(precision, s, at + N, row + r, unit, activated(a, load(product) + load_some(input, count) + bias), count);
  }
}

INLINE void simple_rnn_backward_units(CK_BACKWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const int past = s->mask != NULL;
  (void)g;
  for (int r = 0; r < m; r++, product += panel_width) {
    const ptrdiff_t at = t * N + row + r;
    const vector d_h = state_gradient(s, t, row + r, unit, past, product, count);
    if (masked(s, at)) {
      pass_gradient(precision, s, at, row + r, unit, 1, d_h, count);
      continue;
    }
    const vector h = load_operand(precision, s->hidden.data, s->hidden.stride * (at + N) + unit, count);
    store_operand(precision, s->gates.data, s->gates.stride * at + unit, differentiated(a, d_h, h), count);
    if (past) store_some(s->d_hidden + H * (row + r) + unit, splat(0), count);
  }
}

/// The first half of an mLSTM's forward step: m. Slots 4 and 5 are the product U' h and x_m.
INLINE void multiply_units(CK_FORWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  const vector bias = load_some(s->bias + 4 * H + unit, count);
  (void)a, (void)g, (void)gate_step;
  for (int r = 0; r < m; r++, product += row_step) {
    const ptrdiff_t at = t * N + row + r, gates = s->gates.stride * at + 4 * H + unit;
    const ptrdiff_t to = s->intermediate.stride * at + unit;
    if (masked(s, at)) {
      store_operand(precision, s->intermediate.data, to, splat(0), count);
      continue;
    }
    const float *input = s->input + 5 * H * (s->tokens ? s->tokens[at] : at - s->input_first * N) + 4 * H + unit;
    const vector q = load(product), x = load_some(input, count) + bias;
    store_operand(precision, s->gates.data, gates, q, count);
    store_operand(precision, s->gates.data, gates + H, x, count);
    store_operand(precision, s->intermediate.data, to, q * x, count);
  }
}

/// The second half of an mLSTM's backward step, from the gradient of m: those of x_m and of U' h.
INLINE void multiply_backward_units(CK_BACKWARD_ARGUMENTS) {
  const ptrdiff_t H = s->H, N = s->N;
  (void)a, (void)g;
  for (int r = 0; r < m; r++, product += panel_width) {
    const ptrdiff_t at = t * N + row + r, gates = s->gates.stride * at + 4 * H + unit;
    void *data = s->gates.data;
    const int skipped = masked(s, at);
    const vector d = load(product);
    const vector q = skipped ? splat(0) : load_operand(precision, data, gates, count);
    const vector x = skipped ? splat(0) : load_operand(precision, data, gates + H, count);
    store_operand(precision, data, gates, d * q, count);
    store_operand(precision, data, gates + H, d * x, count);
  }
}

// MARK: Layer normalization of products

static CK_TARGET float moments(ptrdiff_t n, ptrdiff_t count, const float *x, float epsilon, float *inverse) {
  // n is a multiple of the lanes, because panels consist of whole vectors. Two sums hide the latency of additions.
  vector sum[2] = {splat(0), splat(0)}, squares[2] = {splat(0), splat(0)}, zeros[2] = {splat(0), splat(0)};
  for (ptrdiff_t j = 0; j < n; j += 2 * lanes)
    for (int v = 0; v < 2 && j + v * lanes < n; v++) sum[v] += load(x + j + v * lanes);
  const float mean = sum_lanes(sum[0] + sum[1]) / (float)count;
  for (ptrdiff_t j = 0; j < n; j += 2 * lanes)
    for (int v = 0; v < 2 && j + v * lanes < n; v++) {
      const vector value = load(x + j + v * lanes), d = value - mean;
      const integers is_zero = (integers)(value == splat(0));
      squares[v] += choose(is_zero, splat(0), d * d);
      zeros[v] += choose(is_zero, splat(1), splat(0));
    }
  // Zeros are added at the end, but for the n - count that do not count: to subtract these from the sum would cancel digits.
  const float counted = sum_lanes(zeros[0] + zeros[1]) - (float)(n - count);
  const float total = sum_lanes(squares[0] + squares[1]) + counted * mean * mean;
  *inverse = 1 / sqrtf(total / (float)count + epsilon);
  return total == total ? mean : NAN;
}

INLINE void normalize(const ck_precision precision, const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates,
                      const float *raw, float mean, float inverse, float *product) {
  const int vectors = ck_gate_vectors(gates);
  for (int v = 0; v < vectors; v++) {
    const ptrdiff_t unit = (block * vectors + v) * lanes, left = s->H - unit;
    if (left <= 0) return;
    const int count = left < lanes ? (int)left : lanes;
    for (int gate = 0; gate < gates; gate++) {
      const ptrdiff_t number = gate * s->H + unit, column = (gate * vectors + v) * lanes;
      const vector y = (load(raw + column) - mean) * inverse;
      if (s->normalized.data) store_operand(precision, s->normalized.data, s->normalized.stride * at + number, y, count);
      store(product + column, y * load_some(s->gain + number, count));
    }
  }
}

static CK_TARGET void normalize_float32(const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates, const float *raw,
                                        float mean, float inverse, float *product) {
  normalize(CK_FLOAT32, s, at, block, gates, raw, mean, inverse, product);
}

static CK_TARGET void normalize_bfloat16(const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates, const float *raw,
                                         float mean, float inverse, float *product) {
  normalize(CK_BFLOAT16, s, at, block, gates, raw, mean, inverse, product);
}

/// With d = gradient * gain: (d - mean(d) - normalized * mean(d * normalized)) / sqrt(variance + epsilon).
INLINE void normalize_backward(const ck_precision precision, const ck_recurrent *s, ptrdiff_t at) {
  const ck_cell_facts facts = ck_facts(s->kind);
  const ptrdiff_t n = facts.gates * s->H, from = s->gates.stride * at + facts.first_gate * s->H;
  const ptrdiff_t to = s->d_product.stride * at, values = s->normalized.stride * at;
  vector sum = splat(0), dot = splat(0);
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const vector d = load_operand(precision, s->gates.data, from + j, count) * load_some(s->gain + j, count);
    sum += d;
    dot += d * load_operand(precision, s->normalized.data, values + j, count);
  }
  const float inverse = s->deviations[at], mean = sum_lanes(sum) / (float)n, slope = sum_lanes(dot) / (float)n;
  for (ptrdiff_t j = 0; j < n; j += lanes) {
    const int count = n - j < lanes ? (int)(n - j) : lanes;
    const vector d = load_operand(precision, s->gates.data, from + j, count) * load_some(s->gain + j, count);
    const vector y = load_operand(precision, s->normalized.data, values + j, count);
    store_operand(precision, s->d_product.data, to + j, inverse * (d - mean - slope * y), count);
  }
}

static CK_TARGET void normalize_backward_float32(const ck_recurrent *s, ptrdiff_t at) {
  normalize_backward(CK_FLOAT32, s, at);
}

static CK_TARGET void normalize_backward_bfloat16(const ck_recurrent *s, ptrdiff_t at) {
  normalize_backward(CK_BFLOAT16, s, at);
}

// The common case passes constant counts and activations, so that its loops have no branches.
#define CK_FORWARD_TAIL(name, units, suffix, precision, gates)                                                        \
  static CK_TARGET void name##_##suffix(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t block,    \
                                        const float *product) {                                                       \
    const int vectors = ck_gate_vectors(gates);                                                                       \
    const ptrdiff_t gate_step = vectors * lanes, row_step = (gates) * gate_step;                                      \
    for (int v = 0; v < vectors; v++, product += lanes) {                                                             \
      const ptrdiff_t unit = (block * vectors + v) * lanes, left = s->H - unit;                                       \
      if (left <= 0) return;                                                                                          \
      if (usual(s) && left >= lanes)                                                                                  \
        units(precision, CK_TANH, CK_SIGMOID, s, t, row, m, unit, lanes, product, gate_step, row_step);               \
      else                                                                                                            \
        units(precision, s->activation, s->gate_activation, s, t, row, m, unit, left < lanes ? (int)left : lanes,     \
              product, gate_step, row_step);                                                                          \
    }                                                                                                                 \
  }
#define CK_BACKWARD_TAIL(name, units, suffix, precision)                                                              \
  static CK_TARGET void name##_##suffix(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel,    \
                                        const float *product) {                                                       \
    for (int v = 0; v < CK_PANEL_VECTORS; v++, product += lanes) {                                                    \
      const ptrdiff_t unit = panel * panel_width + v * lanes, left = s->H - unit;                                     \
      if (left <= 0) return;                                                                                          \
      if (usual(s) && left >= lanes) units(precision, CK_TANH, CK_SIGMOID, s, t, row, m, unit, lanes, product);       \
      else                                                                                                            \
        units(precision, s->activation, s->gate_activation, s, t, row, m, unit, left < lanes ? (int)left : lanes,     \
              product);                                                                                               \
    }                                                                                                                 \
  }
#include "tail_list.h"
