// The time loop of recurrent layers: at each step one product of the step before with packed weights, whose result a
// cell's tail consumes while it is in cache; then the members meet. A new cell brings its tails, not a loop.
#include <string.h>
#include <time.h>

#include "include/chargen_kernels.h"
#include "operand.h"
#include "work.h"

typedef struct recurrence {
  const ck_kernels *kernels;
  const ck_lstm *cell;
  ck_lstm_tail *tail;
  /// Blocks of hidden units that one item computes, and the packed panels that belong to each.
  ptrdiff_t blocks, panels_per_block;
  /// The product's left side at step t is row block t (forward: the hidden state) or t + 1 (backward: the gradient of
  /// the gates) of `left` [.., k].
  ck_operand left;
  ptrdiff_t k;
  /// Groups of rows that each fit a tile.
  ptrdiff_t groups;
  /// Whether members share out sequences, each going through all steps by itself. Sequences do not see each other, so
  /// nobody waits and nothing is passed on; but each member reads all weights, which must fit its own cache. Else members
  /// share out hidden units, keep the weights of theirs, and meet after each step.
  int by_rows;
} recurrence;

/// A tile of rows and the block of hidden units that one item of work is.
typedef struct item {
  ptrdiff_t block, row;
  int m;
} item;

/// Items of one step.
static ptrdiff_t items_of(const recurrence *r) { return r->blocks * r->groups; }

static item item_at(const recurrence *r, ptrdiff_t block, ptrdiff_t group) {
  const ck_span rows = ck_part(r->cell->N, group, r->groups);
  return (item){.block = block, .row = rows.first, .m = (int)(rows.last - rows.first)};
}

/// Items run through the rows of one block, then through those of the next, so that a member keeps its panels' weights
/// in its own cache.
static item item_of_step(const recurrence *r, ptrdiff_t index) {
  return item_at(r, index / r->groups, index % r->groups);
}

/// The product for one item: left [m, k] times the item's panels, side by side in `product`.
static void multiply(const recurrence *r, item i, ptrdiff_t step, float *product) {
  const ck_kernels *kernels = r->kernels;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, words = ck_words(r->left.precision, r->k);
  const ck_word *left = ck_at(r->left, step * r->cell->N + i.row, 0);
  for (ptrdiff_t p = 0; p < r->panels_per_block; p++)
    kernels->tile[r->left.precision](i.m, words, left, ck_row_words(r->left), 1,
                                     r->cell->recurrent + (i.block * r->panels_per_block + p) * words * width, NULL,
                                     product + p * width, r->panels_per_block * width, 0);
}

/// Columns of the item's panel that exist, where a block is a panel's width of hidden units.
static ptrdiff_t filled(const recurrence *r, item i) {
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes, rest = r->cell->H - i.block * width;
  return rest < width ? rest : width;
}

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/// Asks for the cache lines of `bytes` bytes.
static void fetch_lines(const void *from, ptrdiff_t bytes) {
  enum { line = 64 };
  for (ptrdiff_t byte = 0; byte < bytes; byte += line) __builtin_prefetch((const char *)from + byte);
}

/// Asks for what the item's tail will read and write, so that it comes from memory while the product is computed.
static void fetch_ahead(const recurrence *r, item i, ptrdiff_t t) {
  const ck_lstm *s = r->cell;
  const int backward = r->panels_per_block == 1;
  const ptrdiff_t size = s->gates.precision == CK_BFLOAT16 ? sizeof(ck_half) : sizeof(float);
  const ptrdiff_t width = backward ? CK_PANEL_VECTORS * r->kernels->lanes : r->kernels->lanes;
  const ptrdiff_t unit = i.block * width, units = s->H - unit < width ? s->H - unit : width;
  const ptrdiff_t floats = units * (ptrdiff_t)sizeof(float);
  for (int row = 0; row < i.m; row++) {
    const ptrdiff_t at = t * s->N + i.row + row, state = s->H * at + unit;
    for (int gate = 0; gate < CK_LSTM_GATES; gate++)
      fetch_lines(ck_at(s->gates, at, gate * s->H + unit), units * size);
    if (!backward) {
      const ptrdiff_t from = s->tokens ? s->tokens[at] : at - s->input_first * s->N;
      for (int gate = 0; gate < CK_LSTM_GATES; gate++)
        fetch_lines(s->input + (CK_LSTM_GATES * from + gate) * s->H + unit, floats);
    }
    fetch_lines(s->cell + state, floats);
    if (backward) fetch_lines(s->d_output + state, floats);
    else fetch_lines(s->cell + state + s->H * s->N, floats);
  }
}

/// One item of one step: the product, where there is one, and its tail.
static void run_item(const recurrence *r, item i, ptrdiff_t t, ptrdiff_t from, int multiplied, double *times,
                     float *product) {
  const double start = times ? nanoseconds() : 0;
  fetch_ahead(r, i, t);
  if (multiplied) multiply(r, i, from, product);
  const double middle = times ? nanoseconds() : 0;
  r->tail(r->cell, t, i.row, i.m, i.block, product);
  if (times) {
    times[0] += middle - start;
    times[1] += nanoseconds() - middle;
  }
}

static void run_forward(void *context, ck_turns *turns) {
  const recurrence *r = context;
  const ck_lstm *s = r->cell;
  double *times = turns->index == 0 ? s->times : NULL;
  float product[CK_MAX_PRODUCT];
  if (r->by_rows) {
    for (ptrdiff_t group; (group = ck_next(turns)) >= 0;)
      for (ptrdiff_t t = s->first; t < s->last; t++)
        for (ptrdiff_t block = 0; block < r->blocks; block++)
          run_item(r, item_at(r, block, group), t, t, 1, times, product);
    return;
  }
  for (ptrdiff_t t = s->first; t < s->last; t++) {
    for (ptrdiff_t n; (n = ck_next(turns)) >= 0;) run_item(r, item_of_step(r, n), t, t, 1, times, product);
    ck_meet(turns, items_of(r));
  }
}

/// The gradient of the final state as the product that the last step's tail takes: nothing else has come through time.
static void take_state_gradient(const recurrence *r, item i, float *product) {
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes;
  memset(product, 0, (size_t)(i.m * width) * sizeof(float));
  for (int row = 0; row < i.m; row++)
    memcpy(product + row * width, r->cell->d_hidden + (i.row + row) * r->cell->H + i.block * width,
           (size_t)filled(r, i) * sizeof(float));
}

static void give_state_gradient(const recurrence *r, item i, const float *product) {
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes;
  for (int row = 0; row < i.m; row++)
    memcpy(r->cell->d_hidden + (i.row + row) * r->cell->H + i.block * width, product + row * width,
           (size_t)filled(r, i) * sizeof(float));
}

/// One item of step t, backward.
static void run_backward_item(const recurrence *r, item i, ptrdiff_t t, double *times, float *product) {
  const int last = t == r->cell->last - 1;
  if (last) take_state_gradient(r, i, product);
  run_item(r, i, t, t + 1, !last, times, product);
}

/// The gradient of the state before the first step.
static void finish_backward_item(const recurrence *r, item i, float *product) {
  multiply(r, i, r->cell->first, product);
  give_state_gradient(r, i, product);
}

static void run_backward(void *context, ck_turns *turns) {
  const recurrence *r = context;
  const ck_lstm *s = r->cell;
  double *times = turns->index == 0 ? s->times : NULL;
  float product[CK_MAX_PRODUCT];
  if (r->by_rows) {
    for (ptrdiff_t group; (group = ck_next(turns)) >= 0;) {
      for (ptrdiff_t t = s->last - 1; t >= s->first; t--)
        for (ptrdiff_t block = 0; block < r->blocks; block++)
          run_backward_item(r, item_at(r, block, group), t, times, product);
      for (ptrdiff_t block = 0; block < r->blocks; block++) finish_backward_item(r, item_at(r, block, group), product);
    }
    return;
  }
  for (ptrdiff_t t = s->last - 1; t >= s->first; t--) {
    for (ptrdiff_t n; (n = ck_next(turns)) >= 0;) run_backward_item(r, item_of_step(r, n), t, times, product);
    ck_meet(turns, items_of(r));
  }
  for (ptrdiff_t n; (n = ck_next(turns)) >= 0;) finish_backward_item(r, item_of_step(r, n), product);
}

/// Decides who does what, and does it.
static void run(ck_team *team, recurrence *r, ck_team_function function) {
  enum { own_cache = 1 << 20, least_rows = 4 };
  const ck_lstm *s = r->cell;
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes, size = ck_team_size(team);
  const ptrdiff_t weights = r->blocks * r->panels_per_block * width * ck_words(r->left.precision, r->k);
  r->groups = ck_ceiling(s->N, r->kernels->tile_rows);
  r->by_rows = weights * (ptrdiff_t)sizeof(ck_word) <= own_cache && s->N >= least_rows * size;
  // As many groups for each member, so that all are done at once. A row's sums do not depend on its group.
  if (r->by_rows) r->groups = ck_ceiling(r->groups, size) * size;
  ck_team_run(team, s->N * s->H * s->H > ck_worth_sharing, r->by_rows ? r->groups : items_of(r), function, r);
}

void ck_lstm_forward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s) {
  recurrence r = {.kernels = kernels,
                  .cell = s,
                  .tail = kernels->lstm_forward[s->hidden.precision],
                  .blocks = ck_ceiling(s->H, kernels->lanes),
                  .panels_per_block = CK_LSTM_GATES / CK_PANEL_VECTORS,
                  .left = s->hidden,
                  .k = s->H};
  run(team, &r, run_forward);
}

void ck_lstm_backward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s) {
  recurrence r = {.kernels = kernels,
                  .cell = s,
                  .tail = kernels->lstm_backward[s->hidden.precision],
                  .blocks = ck_ceiling(s->H, CK_PANEL_VECTORS * kernels->lanes),
                  .panels_per_block = 1,
                  .left = s->gates,
                  .k = CK_LSTM_GATES * s->H};
  run(team, &r, run_backward);
}
