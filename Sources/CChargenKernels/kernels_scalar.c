// The scalar twin of every kernel: plain loops that say what the vector kernels must compute. It is also the path for
// processors without a vector table.
#include <math.h>

#include "kernel_tables.h"

// Panels are as wide as four vectors of four, so that the compiler's own vectors fit where it finds them.
enum { lanes = 4, panel_width = CK_PANEL_VECTORS * lanes, most_rows = 4 };

static void tile(int m, ptrdiff_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b,
                 const float *init, float *c, ptrdiff_t c_row, int accumulate) {
  for (int i = 0; i < m; i++) {
    float sum[panel_width];
    for (int j = 0; j < panel_width; j++) sum[j] = init ? init[j] : 0;
    for (ptrdiff_t p = 0; p < k; p++) {
      const float x = a[i * a_row + p * a_step];
      for (int j = 0; j < panel_width; j++) sum[j] += x * b[p * panel_width + j];
    }
    for (int j = 0; j < panel_width; j++) c[i * c_row + j] = accumulate ? c[i * c_row + j] + sum[j] : sum[j];
  }
}

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

static void lstm_forward(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel, const float *product) {
  const ptrdiff_t H = s->H, N = s->N;
  for (int r = 0; r < m; r++)
    for (int lane = 0; lane < lanes && panel * lanes + lane < H; lane++) {
      const ptrdiff_t j = panel * lanes + lane, at = t * N + row + r;
      const float *input = s->input + 4 * H * (s->tokens ? s->tokens[at] : at) + j;
      float *gates = s->gates + 4 * H * at + j, z[4];
      for (int gate = 0; gate < 4; gate++)
        z[gate] = product[r * panel_width + gate * lanes + lane] + input[gate * H] + s->bias[gate * H + j];
      const float i = sigmoid(z[0]), f = sigmoid(z[1]), g = tanhf(z[2]), o = sigmoid(z[3]);
      const float c = f * s->cell[H * at + j] + i * g;
      gates[0] = i;
      gates[H] = f;
      gates[2 * H] = g;
      gates[3 * H] = o;
      s->cell[H * (at + N) + j] = c;
      s->hidden[H * (at + N) + j] = o * tanhf(c);
    }
}

static void lstm_backward(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel, const float *product) {
  const ptrdiff_t H = s->H, N = s->N;
  for (int r = 0; r < m; r++)
    for (int lane = 0; lane < panel_width && panel * panel_width + lane < H; lane++) {
      const ptrdiff_t j = panel * panel_width + lane, at = t * N + row + r;
      const float *gates = s->gates + 4 * H * at + j;
      float *d_gates = s->d_gates + 4 * H * at + j, *d_cell = s->d_cell + H * (row + r) + j;
      const float i = gates[0], f = gates[H], g = gates[2 * H], o = gates[3 * H];
      const float squashed = tanhf(s->cell[H * (at + N) + j]), before = s->cell[H * at + j];
      const float d_h = product[r * panel_width + lane] + s->d_output[H * at + j];
      const float d_c = *d_cell + d_h * o * (1 - squashed * squashed);
      d_gates[0] = d_c * g * i * (1 - i);
      d_gates[H] = d_c * before * f * (1 - f);
      d_gates[2 * H] = d_c * i * (1 - g * g);
      d_gates[3 * H] = d_h * squashed * o * (1 - o);
      *d_cell = d_c * f;
    }
}

static float softmax_cross_entropy(ptrdiff_t v, const float *logits, int32_t target, float scale, float *gradient) {
  float maximum = logits[0], sum = 0;
  for (ptrdiff_t j = 1; j < v; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  for (ptrdiff_t j = 0; j < v; j++) sum += expf(logits[j] - maximum);
  const float loss = logf(sum) + maximum - logits[target];
  if (gradient) {
    for (ptrdiff_t j = 0; j < v; j++) gradient[j] = scale * expf(logits[j] - maximum) / sum;
    gradient[target] -= scale;
  }
  return loss;
}

static void axpy(ptrdiff_t n, float alpha, const float *x, float *y) {
  for (ptrdiff_t j = 0; j < n; j++) y[j] += alpha * x[j];
}

static float dot(ptrdiff_t n, const float *x, const float *y) {
  float sum = 0;
  for (ptrdiff_t j = 0; j < n; j++) sum += x[j] * y[j];
  return sum;
}

static float limited(float g, float limit) { return g > limit ? limit : g < -limit ? -limit : g; }

static void adam(ptrdiff_t n, const ck_adam *o, const float *g, float *p, float *m, float *v) {
  for (ptrdiff_t j = 0; j < n; j++) {
    const float gradient = limited(g[j] * o->scale, o->limit);
    m[j] = o->beta1 * m[j] + (1 - o->beta1) * gradient;
    v[j] = o->beta2 * v[j] + (1 - o->beta2) * gradient * gradient;
    p[j] -= o->learning_rate / o->correction1 * (m[j] / (sqrtf(v[j]) / o->correction2 + o->epsilon));
  }
}

static void sgd(ptrdiff_t n, float rate, float scale, float limit, const float *g, float *p) {
  for (ptrdiff_t j = 0; j < n; j++) p[j] -= rate * limited(scale * g[j], limit);
}

const ck_kernels ck_kernels_scalar = {
    .name = "scalar",
    .lanes = lanes,
    .tile_rows = most_rows,
    .tile = tile,
    .lstm_forward = lstm_forward,
    .lstm_backward = lstm_backward,
    .softmax_cross_entropy = softmax_cross_entropy,
    .axpy = axpy,
    .dot = dot,
    .adam = adam,
    .sgd = sgd,
};
