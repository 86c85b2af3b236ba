// The scalar tails of recurrent cells, which compute one unit at a time. This is a part of kernels_scalar.c, which defines
// the functions used here.

/// One hidden unit of one sequence at one step.
typedef struct unit {
  ptrdiff_t j, row, at;  // hidden unit, sequence, row t * N + sequence
} unit;

static int masked(const ck_recurrent *s, unit u) { return s->mask && !s->mask[u.at]; }

static float kept(const ck_recurrent *s, unit u) { return s->dropout ? s->dropout[s->H * u.row + u.j] : 1; }

/// Whether a float32 copy of the hidden states is kept beside the rounded ones.
static int has_copy(ck_precision precision, const ck_recurrent *s) {
  return precision != CK_FLOAT32 && (s->kind == CK_GRU || s->kind == CK_GRU_RESET_BEFORE) && s->cell;
}

/// The hidden state before the step.
static float state(ck_precision precision, const ck_recurrent *s, unit u) {
  if (has_copy(precision, s)) return s->cell[s->H * u.at + u.j];
  return get(precision, s->hidden.data, s->hidden.stride * u.at + u.j);
}

static void set_state(ck_precision precision, const ck_recurrent *s, unit u, float h) {
  const ptrdiff_t at = u.at + s->N;
  set(precision, s->hidden.data, s->hidden.stride * at + u.j, h);
  if (has_copy(precision, s)) s->cell[s->H * at + u.j] = h;
  if (s->dropout) set(precision, s->dropped.data, s->dropped.stride * at + u.j, h * kept(s, u));
}

/// The index of `slot` in the gates.
static ptrdiff_t gate_at(const ck_recurrent *s, unit u, int slot) { return s->gates.stride * u.at + slot * s->H + u.j; }

/// The input's part of pre-activation number `which` of `inputs` per unit, bias included.
static float input(const ck_recurrent *s, unit u, int inputs, int which) {
  const ptrdiff_t from = s->tokens ? s->tokens[u.at] : u.at - s->input_first * s->N;
  return s->input[(inputs * from + which) * s->H + u.j] + s->bias[which * s->H + u.j];
}

/// The gradient of the hidden state after the step: the part through the next step's product, the part from the output,
/// and, where `past` is set, the part that bypasses the product.
static float state_gradient(const ck_recurrent *s, ptrdiff_t t, unit u, int past, float product) {
  const float gradient = product * kept(s, u) + s->d_output[s->H * u.at + u.j];
  return past || t == s->last - 1 ? gradient + s->d_hidden[s->H * u.row + u.j] : gradient;
}

/// The backward pass of a masked step: the gradients of all slots are zero, and the gradient of the state is kept.
static void pass_gradient(ck_precision precision, const ck_recurrent *s, unit u, int slots, float d_h) {
  for (int slot = 0; slot < slots; slot++) set(precision, s->gates.data, gate_at(s, u, slot), 0);
  s->d_hidden[s->H * u.row + u.j] = d_h;
}

// `p` points to the unit's gates in the product, which lie `step` numbers apart.
static void lstm_units(ck_precision precision, const ck_recurrent *s, unit u, const float *p, ptrdiff_t step) {
  const float before = s->cell[s->H * u.at + u.j];
  float *after = s->cell + s->H * (u.at + s->N) + u.j;
  if (masked(s, u)) {
    *after = before;
    set_state(precision, s, u, state(precision, s, u));
    return;
  }
  float z[4];
  for (int gate = 0; gate < 4; gate++) {
    z[gate] = activated(gate == 2 ? s->activation : s->gate_activation,
                        p[gate * step] + input(s, u, ck_facts(s->kind).inputs, gate));
    set(precision, s->gates.data, gate_at(s, u, gate), z[gate]);
  }
  const float c = z[1] * before + z[0] * z[2];
  *after = c;
  set_state(precision, s, u, z[3] * activated(s->activation, c));
}

static void lstm_backward_units(ck_precision precision, const ck_recurrent *s, ptrdiff_t t, unit u, float product) {
  const int past = s->mask != NULL;
  const ck_activation a = s->activation, g = s->gate_activation;
  void *gates = s->gates.data;
  float *d_cell = s->d_cell + s->H * u.row + u.j;
  const float d_h = state_gradient(s, t, u, past, product);
  if (masked(s, u)) return pass_gradient(precision, s, u, 4, d_h);
  const float i = get(precision, gates, gate_at(s, u, 0)), f = get(precision, gates, gate_at(s, u, 1));
  const float n = get(precision, gates, gate_at(s, u, 2)), o = get(precision, gates, gate_at(s, u, 3));
  const float squashed = activated(a, s->cell[s->H * (u.at + s->N) + u.j]), before = s->cell[s->H * u.at + u.j];
  const float d_c = *d_cell + d_h * o * derivative(a, squashed);
  set(precision, gates, gate_at(s, u, 0), d_c * n * derivative(g, i));
  set(precision, gates, gate_at(s, u, 1), d_c * before * derivative(g, f));
  set(precision, gates, gate_at(s, u, 2), d_c * i * derivative(a, n));
  set(precision, gates, gate_at(s, u, 3), d_h * squashed * derivative(g, o));
  *d_cell = d_c * f;
  if (past) s->d_hidden[s->H * u.row + u.j] = 0;
}

static void gru_units(ck_precision precision, const ck_recurrent *s, unit u, const float *p, ptrdiff_t step) {
  const float before = state(precision, s, u), *bias = s->recurrent_bias + u.j;
  if (masked(s, u)) return set_state(precision, s, u, before);
  const float z = activated(s->gate_activation, p[0] + input(s, u, 3, 1) + bias[0]);
  const float r = activated(s->gate_activation, p[step] + input(s, u, 3, 2) + bias[s->H]);
  const float inner = p[2 * step] + bias[2 * s->H];
  const float outer = input(s, u, 3, 0) + (s->product_gates == 4 ? p[3 * step] : 0);
  const float n = activated(s->activation, outer + r * inner);
  set(precision, s->gates.data, gate_at(s, u, 0), n);
  set(precision, s->gates.data, gate_at(s, u, 1), z);
  set(precision, s->gates.data, gate_at(s, u, 2), r);
  set(precision, s->gates.data, gate_at(s, u, 3), inner);
  set_state(precision, s, u, z * before + (1 - z) * n);
}

static void gru_backward_units(ck_precision precision, const ck_recurrent *s, ptrdiff_t t, unit u, float product) {
  void *gates = s->gates.data;
  const float d_h = state_gradient(s, t, u, 1, product);
  if (masked(s, u)) return pass_gradient(precision, s, u, 4, d_h);
  const float n = get(precision, gates, gate_at(s, u, 0)), z = get(precision, gates, gate_at(s, u, 1));
  const float r = get(precision, gates, gate_at(s, u, 2)), inner = get(precision, gates, gate_at(s, u, 3));
  const float d_n = d_h * (1 - z) * derivative(s->activation, n);
  set(precision, gates, gate_at(s, u, 0), d_n);
  set(precision, gates, gate_at(s, u, 1), d_h * (state(precision, s, u) - n) * derivative(s->gate_activation, z));
  set(precision, gates, gate_at(s, u, 2), d_n * inner * derivative(s->gate_activation, r));
  set(precision, gates, gate_at(s, u, 3), d_n * r);
  s->d_hidden[s->H * u.row + u.j] = d_h * z;
}

static void gru_reset_before_units(ck_precision precision, const ck_recurrent *s, unit u, const float *p,
                                  ptrdiff_t step) {
  const ptrdiff_t reset = s->intermediate.stride * u.at + u.j;
  if (masked(s, u)) return set(precision, s->intermediate.data, reset, 0);
  const float z = activated(s->gate_activation, p[0] + input(s, u, 3, 1));
  const float r = activated(s->gate_activation, p[step] + input(s, u, 3, 2));
  set(precision, s->gates.data, gate_at(s, u, 1), z);
  set(precision, s->gates.data, gate_at(s, u, 2), r);
  set(precision, s->intermediate.data, reset, r * state(precision, s, u) * kept(s, u));
}

static void candidate_units(ck_precision precision, const ck_recurrent *s, unit u, const float *p, ptrdiff_t step) {
  const float before = state(precision, s, u);
  (void)step;
  if (masked(s, u)) return set_state(precision, s, u, before);
  const float n = activated(s->activation, *p + input(s, u, 3, 0));
  const float z = get(precision, s->gates.data, gate_at(s, u, 1));
  set(precision, s->gates.data, gate_at(s, u, 0), n);
  set_state(precision, s, u, z * before + (1 - z) * n);
}

static void gru_reset_before_backward_units(ck_precision precision, const ck_recurrent *s, ptrdiff_t t, unit u,
                                           float product) {
  void *gates = s->gates.data;
  const float d_h = state_gradient(s, t, u, 1, product);
  if (masked(s, u)) return pass_gradient(precision, s, u, 3, d_h);
  const float n = get(precision, gates, gate_at(s, u, 0)), z = get(precision, gates, gate_at(s, u, 1));
  set(precision, gates, gate_at(s, u, 0), d_h * (1 - z) * derivative(s->activation, n));
  set(precision, gates, gate_at(s, u, 1), d_h * (state(precision, s, u) - n) * derivative(s->gate_activation, z));
  s->d_hidden[s->H * u.row + u.j] = d_h * z;
}

static void candidate_backward_units(ck_precision precision, const ck_recurrent *s, ptrdiff_t t, unit u, float product) {
  (void)t;
  if (masked(s, u)) return;
  const float r = get(precision, s->gates.data, gate_at(s, u, 2)), before = state(precision, s, u) * kept(s, u);
  set(precision, s->gates.data, gate_at(s, u, 2), product * before * derivative(s->gate_activation, r));
  s->d_hidden[s->H * u.row + u.j] += product * r * kept(s, u);
}

static void simple_rnn_units(ck_precision precision, const ck_recurrent *s, unit u, const float *p, ptrdiff_t step) {
  (void)step;
  const float before = state(precision, s, u);
  set_state(precision, s, u, masked(s, u) ? before : activated(s->activation, *p + input(s, u, 1, 0)));
}

static void simple_rnn_backward_units(ck_precision precision, const ck_recurrent *s, ptrdiff_t t, unit u,
                                     float product) {
  const int past = s->mask != NULL;
  const float d_h = state_gradient(s, t, u, past, product);
  if (masked(s, u)) return pass_gradient(precision, s, u, 1, d_h);
  const float h = get(precision, s->hidden.data, s->hidden.stride * (u.at + s->N) + u.j);
  set(precision, s->gates.data, gate_at(s, u, 0), d_h * derivative(s->activation, h));
  if (past) s->d_hidden[s->H * u.row + u.j] = 0;
}

static void multiply_units(ck_precision precision, const ck_recurrent *s, unit u, const float *p, ptrdiff_t step) {
  const ptrdiff_t at = s->intermediate.stride * u.at + u.j;
  (void)step;
  if (masked(s, u)) return set(precision, s->intermediate.data, at, 0);
  const float x = input(s, u, 5, 4);
  set(precision, s->gates.data, gate_at(s, u, 4), *p);
  set(precision, s->gates.data, gate_at(s, u, 5), x);
  set(precision, s->intermediate.data, at, *p * x);
}

static void multiply_backward_units(ck_precision precision, const ck_recurrent *s, ptrdiff_t t, unit u, float product) {
  void *gates = s->gates.data;
  (void)t;
  const float q = masked(s, u) ? 0 : get(precision, gates, gate_at(s, u, 4));
  const float x = masked(s, u) ? 0 : get(precision, gates, gate_at(s, u, 5));
  set(precision, gates, gate_at(s, u, 4), product * q);
  set(precision, gates, gate_at(s, u, 5), product * x);
}

// MARK: Layer normalization of products

static float moments(ptrdiff_t n, ptrdiff_t count, const float *x, float epsilon, float *inverse) {
  float sum = 0, squares = 0;
  ptrdiff_t zeros = 0;
  for (ptrdiff_t j = 0; j < n; j++) sum += x[j];
  const float mean = sum / (float)count;
  for (ptrdiff_t j = 0; j < n; j++) {
    if (x[j] == 0) zeros++;
    else squares += (x[j] - mean) * (x[j] - mean);
  }
  // Zeros are added at the end, but for the n - count that do not count: to subtract these from the sum would cancel digits.
  squares += (float)(zeros - (n - count)) * mean * mean;
  *inverse = 1 / sqrtf(squares / (float)count + epsilon);
  return squares == squares ? mean : NAN;
}

static void normalize(ck_precision precision, const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates,
                      const float *raw, float mean, float inverse, float *product) {
  const ptrdiff_t units = ck_gate_vectors(gates) * lanes;
  for (int gate = 0; gate < gates; gate++)
    for (ptrdiff_t j = 0; j < units && block * units + j < s->H; j++) {
      const ptrdiff_t number = gate * s->H + block * units + j;
      const float y = (raw[gate * units + j] - mean) * inverse;
      if (s->normalized.data) set(precision, s->normalized.data, s->normalized.stride * at + number, y);
      product[gate * units + j] = y * s->gain[number];
    }
}

static void normalize_float32(const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates, const float *raw,
                              float mean, float inverse, float *product) {
  normalize(CK_FLOAT32, s, at, block, gates, raw, mean, inverse, product);
}

static void normalize_bfloat16(const ck_recurrent *s, ptrdiff_t at, ptrdiff_t block, int gates, const float *raw,
                               float mean, float inverse, float *product) {
  normalize(CK_BFLOAT16, s, at, block, gates, raw, mean, inverse, product);
}

static void normalize_backward(ck_precision precision, const ck_recurrent *s, ptrdiff_t at) {
  const ck_cell_facts facts = ck_facts(s->kind);
  const ptrdiff_t n = facts.gates * s->H, from = s->gates.stride * at + facts.first_gate * s->H;
  const ptrdiff_t to = s->d_product.stride * at, values = s->normalized.stride * at;
  float sum = 0, dot = 0;
  for (ptrdiff_t j = 0; j < n; j++) {
    const float d = get(precision, s->gates.data, from + j) * s->gain[j];
    sum += d;
    dot += d * get(precision, s->normalized.data, values + j);
  }
  const float inverse = s->deviations[at], mean = sum / (float)n, slope = dot / (float)n;
  for (ptrdiff_t j = 0; j < n; j++) {
    const float d = get(precision, s->gates.data, from + j) * s->gain[j];
    set(precision, s->d_product.data, to + j,
        inverse * (d - mean - slope * get(precision, s->normalized.data, values + j)));
  }
}

static void normalize_backward_float32(const ck_recurrent *s, ptrdiff_t at) { normalize_backward(CK_FLOAT32, s, at); }
static void normalize_backward_bfloat16(const ck_recurrent *s, ptrdiff_t at) { normalize_backward(CK_BFLOAT16, s, at); }

#define CK_FORWARD_TAIL(name, one, suffix, precision, gates)                                                         \
  static void name##_##suffix(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t block,             \
                              const float *product) {                                                                \
    const ptrdiff_t units = ck_gate_vectors(gates) * lanes;                                                          \
    for (int r = 0; r < m; r++, product += (gates) * units)                                                          \
      for (ptrdiff_t j = 0; j < units && block * units + j < s->H; j++)                                              \
        one(precision, s, (unit){block * units + j, row + r, t * s->N + row + r}, product + j, units);               \
  }
#define CK_BACKWARD_TAIL(name, one, suffix, precision)                                                               \
  static void name##_##suffix(const ck_recurrent *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel,             \
                              const float *product) {                                                                \
    for (int r = 0; r < m; r++, product += panel_width)                                                              \
      for (ptrdiff_t j = 0; j < panel_width && panel * panel_width + j < s->H; j++)                                  \
        one(precision, s, t, (unit){panel * panel_width + j, row + r, t * s->N + row + r}, product[j]);              \
  }
#include "tail_list.h"
